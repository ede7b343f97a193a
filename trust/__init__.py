"""What people report, and what moderators make of it."""
