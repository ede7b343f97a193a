"""Addresses of the jobs app."""

from __future__ import annotations

from django.urls import path

from jobs import views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.job_list, name="list"),
    path("jobs/mine/", views.job_mine, name="mine"),
    path("jobs/new/", views.job_new, name="new"),
    path("jobs/prices/", views.job_prices, name="prices"),
    path("jobs/suggest/", views.job_suggest, name="suggest"),
    path("jobs/saved/", views.job_saved, name="saved"),
    path("jobs/autosave/", views.job_autosave, name="autosave"),
    path("jobs/<int:job_id>/", views.job_detail, name="detail"),
    path("jobs/<int:job_id>/edit/", views.job_edit, name="edit"),
    path("jobs/<int:job_id>/preview/", views.job_preview, name="preview"),
    path("jobs/<int:job_id>/save/", views.job_save, name="save"),
    path("jobs/<int:job_id>/unmark/", views.job_unmark, name="unmark"),
    path("jobs/<int:job_id>/hide/", views.job_hide, name="hide"),
    path("jobs/<int:job_id>/copy/", views.job_copy, name="copy"),
    path("jobs/<int:job_id>/publish/", views.job_publish, name="publish"),
    path("jobs/<int:job_id>/withdraw/", views.job_withdraw, name="withdraw"),
    path("jobs/<int:job_id>/pause/", views.job_pause, name="pause"),
    path("jobs/<int:job_id>/resume/", views.job_resume, name="resume"),
    path("jobs/<int:job_id>/close/", views.job_close, name="close"),
    path("jobs/<int:job_id>/delete/", views.job_delete, name="delete"),
    path("jobs/<int:job_id>/readers/", views.job_readers, name="readers"),
    path("jobs/<int:job_id>/invite/", views.job_invite, name="invite"),
    path("f/<slug:slug>/invite/", views.person_invite, name="invite_person"),
    path("invitations/", views.invitation_list, name="invitations"),
    path("invitations/<int:invitation_id>/decline/", views.invitation_decline, name="invitation_decline"),
    path("invitations/<int:invitation_id>/withdraw/", views.invitation_withdraw, name="invitation_withdraw"),
    path("searches/", views.search_list, name="searches"),
    path("searches/new/<slug:subject>/", views.search_new, name="search_new"),
    path("searches/<int:search_id>/", views.search_open, name="search"),
    path("searches/<int:search_id>/edit/", views.search_edit, name="search_edit"),
    path("searches/<int:search_id>/delete/", views.search_delete, name="search_delete"),
    path("searches/stop/<str:token>/", views.search_stop, name="search_stop"),
    path("c/<slug:slug>/", views.client_page, name="client"),
]
