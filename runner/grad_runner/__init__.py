"""What runs inside a runner: the components of one pod, or of one local sandbox."""
