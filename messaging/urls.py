"""Addresses of the messaging app."""

from django.urls import path

from messaging import views

app_name = "messaging"
urlpatterns = [path("rooms/<int:room_id>/messages/", views.message_post, name="message_post")]
