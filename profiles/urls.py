"""Addresses of profiles."""

from __future__ import annotations

from django.urls import path

from profiles import views

app_name = "profiles"

urlpatterns = [
    path("profile/", views.edit, name="edit"),
    path("profile/preview/", views.preview, name="preview"),
    path("profile/submit/", views.submit, name="submit"),
    path("talent/", views.talent, name="talent"),
    path("f/<slug:slug>/", views.public, name="public"),
]
