"""Frozen encoders: samples in, features out; each with the card of its weights."""
