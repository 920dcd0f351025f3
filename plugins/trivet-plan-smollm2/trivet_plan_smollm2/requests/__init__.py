"""Goals that are plain requests: a sum, a span of days, a summary, a file to write."""
