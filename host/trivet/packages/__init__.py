"""Installed distributions and model files: what is there, what it is worth, how it gets here."""
