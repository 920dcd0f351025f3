"""Does a reflector keep its contract?"""

import inspect

import anyio

from ..context import Services
from ..contributions import Reflector
from ..errors import ModelError, WeightsMissing
from ..goal import Goal
from ..plan import Plan, Step
from ..tool import ToolResult, result
from ..transcript import Observed, Planned, Transcript
from ..verdict import Accept, Ask, Finish, GiveUp, Replan, Retry

_STEP = Step(id="s1", tool="files.read", arguments={"path": "a.txt"})
_VERDICTS = (Accept, Retry, Replan, Ask, Finish, GiveUp)


def _transcript(returned: ToolResult | None, error: str, tool: str = "files.read") -> Transcript:
    """A run whose only step has ended."""
    step = Step(id="s1", tool=tool, arguments=_STEP.arguments)
    return Transcript(
        run="check",
        goal=Goal(text="Say what a.txt holds."),
        plan=Plan(steps=(step,)),
        states={"s1": "succeeded" if returned is not None else "failed"},
        results={"s1": returned} if returned is not None else {},
        errors={"s1": error} if error else {},
        attempts={"s1": 1},
        turns=(Planned(revision=1, steps=(step,)), Observed(step=step, result=returned, error=error)),
    )


async def check_reflector(
    reflector: object, services: Services, *, name: str = "", timeout: float = 60.0
) -> tuple[str, ...]:
    """A sentence for each way in which the reflector breaks the contract; none if it keeps it.

    Give services whose model writes nonsense: whatever a model says, a run that only failed is never a success.
    """
    called = f"reflector '{name or type(reflector).__name__}'"
    if not isinstance(reflector, Reflector):
        return (
            f"{called} needs `def inspect(self, step, result, error, transcript)` and"
            " `async def judge(self, transcript, services)`",
        )
    found: list[str] = []
    for returned, error in ((result("text"), ""), (ToolResult(), ""), (None, "there is no 'a.txt'")):
        transcript = _transcript(returned, error)
        try:
            verdict: object = reflector.inspect(_STEP, returned, error, transcript)
            if inspect.isawaitable(verdict):  # one in a worker is asked over a channel
                with anyio.fail_after(timeout):
                    verdict = await verdict
        except Exception as broken:  # foreign code: whatever it raises is what is reported
            found.append(
                f"raises {type(broken).__name__} in `inspect`: {broken}; let it return a verdict whatever came back"
            )
            continue
        found += _inspected(verdict, has_failed=returned is None)
    failed = _transcript(None, "there is no 'a.txt'")
    for transcript in (
        failed,
        _transcript(result("text"), ""),
        _transcript(result("It holds text."), "", tool="answer"),
    ):
        try:
            with anyio.fail_after(timeout):
                judged: object = await reflector.judge(transcript, services)
        except (ModelError, WeightsMissing):
            continue  # the host's to handle
        except TimeoutError:
            found.append(f"did not judge within {timeout:g} seconds")
            continue
        except Exception as broken:  # foreign code, as above
            found.append(f"raises {type(broken).__name__} in `judge`: {broken}; GiveUp says that nothing can be judged")
            continue
        if not isinstance(judged, _VERDICTS):
            found.append(f"judges with a {type(judged).__name__}, which is no verdict")
        elif isinstance(judged, Finish) and transcript is failed:
            found.append("finishes a run in which every step failed")
        elif isinstance(judged, Accept):
            found.append("judges `Accept` when nothing is ready or running, which would stand still for ever")
    return tuple(f"{called} {fault}" for fault in dict.fromkeys(found))


def _inspected(verdict: object, has_failed: bool) -> list[str]:
    if not isinstance(verdict, _VERDICTS):
        return [f"inspects with a {type(verdict).__name__}, which is no verdict"]
    if isinstance(verdict, Finish):
        return ["finishes in `inspect`; only `judge` may"]
    if isinstance(verdict, Retry) and verdict.step != _STEP.id:
        return [f"retries '{verdict.step}' when asked about '{_STEP.id}'"]
    if has_failed and isinstance(verdict, Accept):
        return ["accepts a step that failed"]
    return []
