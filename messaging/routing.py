"""The sockets of the messaging app."""

from django.urls import path

from messaging.consumers import LiveConsumer
from messaging.live import PATH

websocket_urlpatterns = [path(PATH, LiveConsumer.as_asgi(), name="live")]
