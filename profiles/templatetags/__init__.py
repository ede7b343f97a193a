"""Template tags of profiles."""
