"""Addresses of the notifications app."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("notices/", views.notice_list, name="list"),
    path("notices/read/", views.notices_read, name="read_all"),
    path("notices/latest/", views.notices_latest, name="latest"),
    path("notices/preferences/", views.preferences, name="preferences"),
    path("notices/stop/<str:token>/", views.stop, name="stop"),
    path("notices/<int:notice_id>/", views.notice_open, name="open"),
]
