"""The cast of the tests of rooms."""

from messaging.tests.cast import alice, bob, pair, talk

__all__ = ["alice", "bob", "pair", "talk"]
