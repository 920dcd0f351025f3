"""Calls of tools that nobody wrote a reading for, by their schemas and examples."""
