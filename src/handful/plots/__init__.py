"""Pages that draw what happened over time."""
