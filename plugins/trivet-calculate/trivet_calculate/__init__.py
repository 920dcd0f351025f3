"""Arithmetic, units and dates."""
