"""Addresses of the app."""

from __future__ import annotations

from django.urls import path

from files import views

app_name = "files"
urlpatterns = [
    path("files/<uuid:file_id>/", views.open_file, name="open"),
    path("files/<uuid:file_id>/content/<str:token>/", views.content, name="content"),
    path("files/<uuid:file_id>/image/<str:size>/", views.image, name="image"),
]
