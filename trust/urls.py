"""Addresses of reports."""

from django.urls import path

from trust import views

app_name = "trust"

urlpatterns = [
    path("reports/", views.mine, name="mine"),
    path("reports/<int:report_id>/", views.report, name="report"),
    path("reports/job/<int:job_id>/", views.report_of_job, name="job"),
    path("reports/profile/<slug:slug>/", views.report_of_profile, name="profile"),
    path("reports/client/<slug:slug>/", views.report_of_client, name="client"),
]
