"""Models over HTTP: what `predict` says, to whoever asks."""
