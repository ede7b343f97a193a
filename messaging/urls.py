"""Addresses of the messaging app."""

from django.urls import path

from messaging.views import messages, rooms

app_name = "messaging"
urlpatterns = [
    path("messages/", rooms.room_list, name="rooms"),
    path("messages/unread/", rooms.unread, name="unread"),
    path("messages/<int:room_id>/", rooms.room, name="room"),
    path("messages/<int:room_id>/news/", rooms.room_news, name="room_news"),
    path("messages/<int:room_id>/archive/", rooms.room_archive, name="room_archive"),
    path("messages/<int:room_id>/unarchive/", rooms.room_unarchive, name="room_unarchive"),
    path("messages/<int:room_id>/block/", rooms.room_block, name="room_block"),
    path("messages/<int:room_id>/unblock/", rooms.room_unblock, name="room_unblock"),
    path("rooms/<int:room_id>/messages/", messages.message_post, name="message_post"),
    path("messages/<int:room_id>/<int:message_id>/edit/", messages.message_edit, name="message_edit"),
    path("messages/<int:room_id>/<int:message_id>/delete/", messages.message_delete, name="message_delete"),
    path("messages/<int:room_id>/<int:message_id>/appeal/", messages.mask_appeal, name="mask_appeal"),
]
