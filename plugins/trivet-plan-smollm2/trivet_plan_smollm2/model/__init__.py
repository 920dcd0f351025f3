"""Plans that the small model writes, under a grammar."""
