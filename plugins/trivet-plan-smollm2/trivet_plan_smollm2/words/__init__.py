"""What words of a goal mean, whatever it is about."""
