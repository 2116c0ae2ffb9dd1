"""Sound from files, microphones and pipes: blocks of samples."""
