"""What a plugin's author is helped with: a project to begin from, and a judgement of what came of it."""
