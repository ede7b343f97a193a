"""Template tags of contracts."""
