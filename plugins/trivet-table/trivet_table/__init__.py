"""Ask, join, convert and write tables of a workspace."""
