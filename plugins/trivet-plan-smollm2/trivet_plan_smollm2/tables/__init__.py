"""Goals about tables, read word by word into queries."""
