"""A run and its sub-goals: what they have spent together, and what is left.

Sub-goals spend their parent's budget, so a bound that is reached is named as the topmost run has it.
"""

import msgspec

from trivet.runs import budget
from trivet.runs.log import RunLog
from trivet_sdk.goal import Budget, Usage


class Family:
    """One for each run at work. `parent` is that of the run whose sub-goal this is, if it is one."""

    def __init__(self, log: RunLog, parent: "Family | None" = None) -> None:
        self.depth: int = parent.depth + 1 if parent is not None else 0
        self.promised = 0
        """Steps that are going to begin, and are not counted yet."""
        self._log = log
        self._parent = parent
        self._children: list[Family] = []
        self._departed: dict[str, Usage] = {}
        """What sub-goals came to that are not at work any more, until it is recorded here: by run."""

    @property
    def run(self) -> str:
        return self._log.run

    def join(self) -> None:
        """Be counted, from now on, as the parent's sub-goal that is at work."""
        if self._parent is not None:
            self._parent._children.append(self)

    def leave(self) -> None:
        if self._parent is not None:
            self._parent._children.remove(self)
            self._parent.departed(self.run, self.usage())

    def departed(self, child: str, usage: Usage) -> None:
        """What a sub-goal had spent when it stopped being at work."""
        self._departed[child] = usage

    def take_departed(self) -> list[tuple[str, Usage, Usage]]:
        """Sub-goals whose spending is to be recorded: run, its whole usage, and what of that is new here."""
        found = [(child, usage, self._new(child, usage)) for child, usage in self._departed.items()]
        self._departed.clear()
        return [each for each in found if each[2] != Usage()]

    def usage(self) -> Usage:
        """Spent so far, by sub-goals as well; their seconds pass in this run, too."""
        total = self._log.fold.usage(self._log.now())
        for child in self._children:
            total += self._new(child.run, child.usage())
        for run, usage in self._departed.items():
            total += self._new(run, usage)
        return total

    def left(self) -> Budget:
        left = self._log.fold.budget.after(self.usage())
        return budget.narrower(left, self._parent.left()) if self._parent is not None else left

    def steps_left(self) -> int | None:
        """For steps that nobody has promised to begin yet; below zero if some began that need no budget."""
        bound = self._log.fold.budget.max_steps
        own = None if bound is None else bound - self.usage().steps - self._all_promised()
        above = self._parent.steps_left() if self._parent is not None else None
        return min((left for left in (own, above) if left is not None), default=None)

    def tokens_left(self) -> int | None:
        if self._parent is None and self._log.fold.budget.max_tokens is None:
            return None
        return self.left().max_tokens

    def exhausted(self) -> str:
        """The bound that leaves nothing to go on with, in words; empty while there is something left."""
        if self._parent is not None and (above := self._parent.exhausted()):
            return above
        bounds = self._log.fold.budget
        return budget.exhausted(bounds, self.usage()) if budget.can_exhaust(bounds) else ""

    def replans_over(self) -> str:
        """In words that the plans were changed too often; empty if they were not."""
        if self._parent is not None and (above := self._parent.replans_over()):
            return above
        bounds = self._log.fold.budget
        replans = self.usage().replans - self._log.fold.replans_before
        return budget.replans_over(bounds) if replans > bounds.max_replans else ""

    def spent(self) -> str:
        """Any bound that leaves no way to go on but to conclude, in words; empty if there is none."""
        left = self.steps_left()
        return self.exhausted() or self.replans_over() or (self.steps_over() if left is not None and left <= 0 else "")

    def steps_over(self) -> str:
        """The words for `steps_left` being zero."""
        if self._parent is not None and (above := self._parent.steps_left()) is not None and above <= 0:
            return self._parent.steps_over()
        return budget.steps_over(self._log.fold.budget)

    def _all_promised(self) -> int:
        return self.promised + sum(child._all_promised() for child in self._children)

    def _new(self, child: str, usage: Usage) -> Usage:
        """What of a sub-goal's usage is not in this run's own yet."""
        return msgspec.structs.replace(usage - self._log.fold.children.get(child, Usage()), seconds=0.0)
