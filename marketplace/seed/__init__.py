"""The demonstration world: believable people, posts and contracts, made only through the product's own verbs."""

from marketplace.seed.story import make_world

__all__ = ["make_world"]
