"""A planner that needs no key and no network."""
