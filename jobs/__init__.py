"""Posts: writing, review, search, expiry, and what they cost in connects."""
