"""What more than one component needs."""
