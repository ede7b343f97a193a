"""The pages of people and parties."""
