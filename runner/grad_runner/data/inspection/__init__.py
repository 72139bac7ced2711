"""What files and tables an attached dataset has."""
