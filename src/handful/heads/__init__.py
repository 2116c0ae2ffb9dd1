"""Heads: what learns on top of features."""
