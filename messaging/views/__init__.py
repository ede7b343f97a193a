"""Pages and posts of rooms."""
