"""Calls as the steps of a plan."""

import json
import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Call
from trivet_sdk import Step
from trivet_sdk.plan import refs_in

_STEP_NAME = re.compile(r'("\$ref":"s|\{\{s)(\d+)')


def numbered(calls: Sequence[Call], first: int) -> tuple[Step, ...]:
    """The calls as steps s1, s2, …; a call that refers to none of the earlier ones may run beside them."""
    shift = first - 1
    steps = []
    for place, call in enumerate(calls, first):
        arguments = shifted(call.arguments, shift) if shift else call.arguments
        needs = () if list(refs_in(arguments)) or place == first else (f"s{place - 1}",)
        steps.append(Step(id=f"s{place}", tool=call.tool, arguments=arguments, needs=needs))
    return tuple(steps)


def shifted(value: object, by: int) -> dict[str, object]:
    """Arguments whose references count on from the steps that were there before."""
    text = json.dumps(value, separators=(",", ":"))
    return dict(json.loads(_STEP_NAME.sub(lambda match: f"{match[1]}{int(match[2]) + by}", text)))
