"""The pages of money, for those who earn it and for those who pay it, and the address that providers call."""
