"""What a machine offers for running code apart from the rest of it."""
