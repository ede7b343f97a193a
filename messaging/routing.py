"""The sockets of the messaging app."""

from django.urls import path

from messaging.consumers import NewsConsumer

websocket_urlpatterns = [path("ws/news/", NewsConsumer.as_asgi(), name="news")]
