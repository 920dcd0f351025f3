"""Builds the suite of unseen tools: files that they work on, and goals with the calls that are right."""
