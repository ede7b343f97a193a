"""Addresses of the notifications app."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("notices/", views.notice_list, name="list"),
    path("notices/read/", views.notices_read, name="read_all"),
    path("notices/<int:notice_id>/", views.notice_open, name="open"),
]
