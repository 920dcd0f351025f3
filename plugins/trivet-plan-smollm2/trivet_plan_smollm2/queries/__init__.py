"""Goals as SQL, which a larger model writes and which is held against the goal and the tables before it is used."""
