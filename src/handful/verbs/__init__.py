"""What the doors call, a file each: train, evaluate, predict."""
