"""Passages of texts, as a larger model reads them (decision 078)."""
