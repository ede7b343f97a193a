"""The demonstration world: believable people, posts and contracts, made only through the product's own verbs."""

from marketplace.seed.crowd import add_crowd
from marketplace.seed.story import make_world

__all__ = ["add_crowd", "make_world"]
