"""Rooms in which the sides of something write to each other."""
