"""The sockets of the messaging app."""

from django.urls import path

from messaging.consumers import NewsConsumer
from messaging.news import PATH

websocket_urlpatterns = [path(PATH, NewsConsumer.as_asgi(), name="news")]
