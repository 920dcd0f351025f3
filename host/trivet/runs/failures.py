"""How a run ends early from within: raised deep in its work, caught where it is brought to its end."""

from trivet.runs.foreign import told


class PluginBroke(Exception):
    """A planner or reflector raised what no contract allows, or returned what it must not. `role` is its role."""

    def __init__(self, role: str, doing: str, error: BaseException) -> None:
        super().__init__(role, doing, error)
        self.role, self.doing, self.error = role, doing, error

    def __str__(self) -> str:
        words = told(self.error).splitlines()
        return f"the {self.role} broke in '{self.doing}': {words[0][:320]}"


class CannotGoOn(Exception):
    """The run ends without success; `str()` is the sentence for the user."""


class PlannerStuck(CannotGoOn):
    """The planner has been asked often enough, and nothing that can run came of it."""


class BoundReached(Exception):
    """A bound of the budget; `str()` names it."""


class ReplansOver(BoundReached):
    """The plan was changed too often; everything else of the budget may be left."""
