"""Builds the suite beside it: data from fixed seeds, and what is right computed from the same rows in plain Python."""
