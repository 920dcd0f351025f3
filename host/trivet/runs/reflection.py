"""Asking the reflector. One that breaks or speaks nonsense has not agreed to anything."""

import inspect

from trivet.runs.apart import apart
from trivet.runs.failures import BoundReached, CannotGoOn, PluginBroke
from trivet.runs.foreign import cause_of, checked, told
from trivet_sdk.context import Services
from trivet_sdk.contributions import Reflector
from trivet_sdk.errors import TrivetError
from trivet_sdk.plan import Step
from trivet_sdk.tool import ToolResult
from trivet_sdk.transcript import Transcript
from trivet_sdk.verdict import Ask, Verdict


class Reflection:
    def __init__(self, reflector: Reflector, services: Services) -> None:
        self._reflector = reflector
        self._services = services

    async def inspect(self, step: Step, result: ToolResult | None, error: str, transcript: Transcript) -> Verdict:
        """Raises PluginBroke."""
        try:
            verdict = self._reflector.inspect(step, result, error, transcript)
            if inspect.isawaitable(verdict):  # of a reflector in a worker
                verdict = await apart(verdict)
        except BaseException as error:  # foreign code
            raise PluginBroke("reflector", "inspect", cause_of(error)) from error
        return _checked(verdict, "inspect")

    async def judge(self, transcript: Transcript) -> Verdict:
        """Raises PluginBroke, or CannotGoOn if the run could not be judged, e.g. because a model is out of reach."""
        try:
            verdict = await apart(self._reflector.judge(transcript, self._services))
        except BaseException as error:  # foreign code, perhaps from within a task group of its own
            match cause_of(error):
                case BoundReached() | CannotGoOn() as ours:
                    raise ours from error
                case TrivetError() as refused:
                    raise CannotGoOn(f"the run could not be judged: {told(refused)}") from error
                case broken:
                    raise PluginBroke("reflector", "judge", broken) from error
        return _checked(verdict, "judge")


def _checked(verdict: object, doing: str) -> Verdict:
    try:
        if not isinstance(verdict, Verdict):
            raise TypeError(f"it returned {type(verdict).__name__} instead of a verdict")
        whole: Verdict = checked(verdict, Verdict)
        if isinstance(whole, Ask) and not whole.question.strip():
            raise TypeError("it asks the user, and the question is empty")
    except TypeError as oddity:
        raise PluginBroke("reflector", doing, oddity) from oddity
    return whole
