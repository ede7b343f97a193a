"""Agreed work: offers, contracts and milestones with their money held until approval."""
