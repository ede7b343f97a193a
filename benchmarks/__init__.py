"""Figures that can be measured again: each module prints its own, one line each."""
