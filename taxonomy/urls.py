"""Addresses of the app."""

from __future__ import annotations

from django.urls import path

from taxonomy import views

app_name = "taxonomy"
urlpatterns = [
    path("skills/suggest/", views.skill_suggest, name="skill_suggest"),
]
