"""Runs: a goal is planned, its steps are carried out, and what came back is judged, until it ends."""

from trivet.runs.attachments import attach
from trivet.runs.collaborators import Person, Plugins
from trivet.runs.desk import Desk
from trivet.runs.options import RunOptions, RunOutcome
from trivet.runs.runner import Runner, open_runner

__all__ = ["Desk", "Person", "Plugins", "RunOptions", "RunOutcome", "Runner", "attach", "open_runner"]
