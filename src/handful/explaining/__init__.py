"""Showing what a model got wrong and whom a sample resembles."""
