"""The suite `goals`: goals as people type them, about a folder of files, end to end, with checked answers and files.

docs/how-to/evaluate.md has the format.
"""

from trivet.evaluation.goals.goal_case import GoalCase
from trivet.evaluation.goals.suite import load_goals, needs_web, of_split, plugin_packages

__all__ = ["GoalCase", "load_goals", "needs_web", "of_split", "plugin_packages"]
