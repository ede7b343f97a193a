"""Tests of offers, contracts and milestones."""
