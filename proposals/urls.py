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
    path("jobs/<int:job_id>/proposals/compare/", views.compare, name="compare"),
    path("jobs/<int:job_id>/proposals/decline/", views.decline_many, name="decline_many"),
    path("jobs/<int:job_id>/proposals/labels/", views.label_many, name="label_many"),
    path("proposals/<int:proposal_id>/archive/", views.proposal_archive, name="archive"),
    path("proposals/<int:proposal_id>/notes/", views.note_new, name="note_new"),
    path("proposals/<int:proposal_id>/scorecard/", views.scorecard, name="scorecard"),
    path("proposals/notes/<int:note_id>/", views.note_edit, name="note_edit"),
    path("jobs/<int:job_id>/proposals/draft/", views.proposal_draft, name="draft"),
    path("jobs/<int:job_id>/proposals/draft/delete/", views.proposal_draft_delete, name="draft_delete"),
    path("proposals/<int:proposal_id>/letter/", views.proposal_edit_letter, name="edit_letter"),
    path("proposals/<int:proposal_id>/terms/", views.proposal_edit_terms, name="edit_terms"),
    path("proposals/<int:proposal_id>/message/", views.proposal_message, name="message"),
    path("invitations/<int:invitation_id>/message/", views.invitation_message, name="invitation_message"),
    path("conversations/<int:conversation_id>/interview/", views.interview_new, name="interview_new"),
    path("interviews/", views.interviews, name="interviews"),
    path("interviews/<int:interview_id>/", views.interview_detail, name="interview"),
    path("interviews/<int:interview_id>/accept/", views.interview_accept, name="interview_accept"),
    path("interviews/<int:interview_id>/move/", views.interview_move, name="interview_move"),
    path("interviews/<int:interview_id>/cancel/", views.interview_cancel, name="interview_cancel"),
    path("interviews/<int:interview_id>/interview.ics", views.interview_file, name="interview_file"),
    path("jobs/<int:job_id>/proposals/places/", views.places, name="places"),
    path("proposals/<int:proposal_id>/boost/", views.proposal_boost, name="boost"),
    path("connects/", views.connects, name="connects"),
    path("connects/buy/", views.connects_buy, name="connects_buy"),
]
