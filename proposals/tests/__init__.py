"""Tests of proposals and connects."""
