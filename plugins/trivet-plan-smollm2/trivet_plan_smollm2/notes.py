"""How a plan was come by, for the user to know."""

NOTE = "planned by SmolLM2-135M, a small model on this machine: check what matters"
PLAIN = "read off the goal's words, without a model: check what matters"
LARGER = "A larger model may help: see `trivet init`."
QUERIED = "written as SQL by a larger model, and a second try found the same: check what matters"
TOLD = "told by a text, or reckoned from what it tells, as a larger model reads it: check what matters"
