"""What runs inside a runner: the rooms of one pod, or of one local sandbox."""
