"""What is recorded of a goal when it becomes a run: all that settings and options leave open is fixed here."""

import msgspec

from trivet.errors import RunRefused
from trivet.journal.fold import Fold
from trivet.runs.conversation import Told
from trivet.runs.foreign import checked
from trivet.runs.options import RunOptions
from trivet.runs.typed import together, typed_origins
from trivet.settings import Settings
from trivet_sdk.events import RunSubmitted
from trivet_sdk.goal import Budget, Goal


def submission(settings: Settings, goal: Goal, options: RunOptions, parent: Fold | None, told: Told) -> RunSubmitted:
    """Raises RunRefused for options that no journal could be read with."""
    defaults = settings.run
    budget = options.budget
    if budget is None:
        budget = Budget(
            max_steps=defaults.max_steps,
            max_tokens=defaults.max_tokens,
            max_seconds=defaults.max_seconds,
            max_replans=defaults.max_replans,
            max_retries=defaults.max_retries,
        )
    event = RunSubmitted(
        goal=msgspec.structs.replace(goal, workspace=str(goal.folder.absolute())),
        budget=budget,
        roles={**settings.roles, **{role: name for role, name in options.roles.items() if name}},
        approve=options.approve or defaults.approve,
        parent=parent.run if parent is not None else None,
        is_tainted=(parent is not None and parent.is_tainted) or any(exchange.is_tainted for exchange in told.earlier),
        typed_origins=_typed(goal, parent, told),
        client=options.client,
        conversation=options.conversation,
        after=told.after,
        earlier=told.earlier,
        left_out=told.left_out,
    )
    try:
        checked(event, RunSubmitted)
    except TypeError as misfit:
        raise RunRefused(str(misfit)) from misfit
    return event


def _typed(goal: Goal, parent: Fold | None, told: Told) -> tuple[str, ...]:
    """A sub-goal is a planner's wording: what the user typed is what the user typed for the whole."""
    if parent is None:
        return together(typed_origins(goal.text), told.typed_origins)
    return parent.submitted.typed_origins if parent.submitted is not None else ()
