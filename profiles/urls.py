"""Addresses of profiles."""

from __future__ import annotations

from django.urls import path

from profiles import views

app_name = "profiles"

urlpatterns = [
    path("profile/", views.edit, name="edit"),
    path("profile/preview/", views.preview, name="preview"),
    path("profile/submit/", views.submit, name="submit"),
    path("profile/availability/<slug:what>/", views.availability, name="availability"),
    path("profile/vacation/", views.vacation, name="vacation"),
    path("profile/history/<int:work_id>/<slug:what>/", views.work_amount, name="work_amount"),
    path("profile/testimonials/ask/", views.testimonial_ask, name="testimonial_ask"),
    path("profile/testimonials/<int:testimonial_id>/<slug:what>/", views.testimonial_change, name="testimonial_change"),
    path("profile/<slug:section>/add/", views.item_add, name="item_add"),
    path("profile/<slug:section>/<int:item_id>/", views.item_change, name="item_change"),
    path("profile/<slug:section>/<int:item_id>/move/", views.item_move, name="item_move"),
    path("profile/<slug:section>/<int:item_id>/delete/", views.item_delete, name="item_delete"),
    path("testimonials/<str:token>/", views.testimonial_write, name="testimonial_write"),
    path("talent/", views.talent, name="talent"),
    path("talent/lists/", views.talent_lists, name="talent_lists"),
    path("talent/lists/new/", views.talent_list_new, name="talent_list_new"),
    path("talent/lists/<int:list_id>/edit/", views.talent_list_edit, name="talent_list_edit"),
    path("talent/lists/<int:list_id>/delete/", views.talent_list_delete, name="talent_list_delete"),
    path("talent/lists/entries/<int:entry_id>/remove/", views.talent_remove, name="talent_remove"),
    path("f/<slug:slug>/", views.public, name="public"),
    path("f/<slug:slug>/save/", views.talent_save, name="talent_save"),
    path("f/<slug:slug>/cv.pdf", views.cv, name="cv"),
]
