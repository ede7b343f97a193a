"""Template tags that know the states of every machine."""
