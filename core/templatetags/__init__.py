"""Filters and tags that every template may use without loading them."""
