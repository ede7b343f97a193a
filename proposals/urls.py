"""Addresses of the proposals app."""

from django.urls import path

from proposals import views

app_name = "proposals"
urlpatterns = [
    path("jobs/<int:job_id>/proposals/", views.inbox, name="inbox"),
    path("jobs/<int:job_id>/proposals/new/", views.proposal_new, name="new"),
    path("jobs/<int:job_id>/proposals/quote/", views.quote, name="quote"),
    path("proposals/", views.proposal_mine, name="mine"),
    path("proposals/<int:proposal_id>/", views.proposal_detail, name="detail"),
    path("proposals/<int:proposal_id>/withdraw/", views.proposal_withdraw, name="withdraw"),
    path("proposals/<int:proposal_id>/decline/", views.proposal_decline, name="decline"),
    path("proposals/<int:proposal_id>/shortlist/", views.proposal_shortlist, name="shortlist"),
    path("jobs/<int:job_id>/proposals/places/", views.places, name="places"),
    path("proposals/<int:proposal_id>/boost/", views.proposal_boost, name="boost"),
    path("connects/", views.connects, name="connects"),
    path("connects/buy/", views.connects_buy, name="connects_buy"),
]
