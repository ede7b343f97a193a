"""Addresses of the messaging app."""

from django.urls import path

from messaging.views import calls, rooms

app_name = "messaging"
urlpatterns = [
    path("rooms/<int:room_id>/messages/", rooms.message_post, name="message_post"),
    path("rooms/<int:room_id>/call/", calls.call_new, name="call_new"),
    path("calls/<int:call_id>/", calls.call, name="call"),
    path("calls/<int:call_id>/answer/", calls.call_answer, name="call_answer"),
    path("calls/<int:call_id>/decline/", calls.call_decline, name="call_decline"),
    path("calls/<int:call_id>/end/", calls.call_end, name="call_end"),
    path("calls/<int:call_id>/alive/", calls.call_alive, name="call_alive"),
    path("calls/<int:call_id>/ring/", calls.call_ring, name="call_ring"),
]
