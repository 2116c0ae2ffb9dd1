"""One file for each kind of sample."""
