"""Pages and posts of rooms and calls."""
