"""List, find, read, write and summarize the files of a workspace."""
