"""How a run ends early from within: raised deep in its work, caught where it is brought to its end."""


class PluginBroke(Exception):
    """A planner or reflector raised what no contract allows, or returned what it must not. `role` is its role."""

    def __init__(self, role: str, doing: str, error: BaseException) -> None:
        super().__init__(role, doing, error)
        self.role, self.doing, self.error = role, doing, error

    def __str__(self) -> str:
        first = str(self.error).strip().partition("\n")[0]
        words = f"{type(self.error).__name__}: {first[:300]}" if first else type(self.error).__name__
        return f"the {self.role} broke in '{self.doing}': {words}"


class CannotGoOn(Exception):
    """The run ends without success; `str()` is the sentence for the user."""


class BoundReached(Exception):
    """A bound of the budget; `str()` names it."""


def innermost(error: BaseException) -> BaseException:
    """The first cause within groups that hold what parallel tasks raised."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
