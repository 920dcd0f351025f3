"""One goal of a suite, attempted as `trivet run GOAL --approve always` would in a fresh copy of the suite's workspace."""

import time
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import anyio.to_thread
import msgspec

from trivet.app import Host, RunOptions
from trivet.errors import DiskShort, HomeUnusable, JournalUnusable
from trivet.evaluation.case import Case, Conditions, Result
from trivet.evaluation.goals.calls import calls_in, measured
from trivet.evaluation.goals.expectation import Expectation
from trivet.evaluation.goals.verdict import Outcome, judged
from trivet.evaluation.goals.workspace import damage, fingerprints, fresh, litter
from trivet_sdk.goal import Goal

CLIENT = "eval"
MAX_ANSWER = 3000
"""Characters of an answer that a result keeps; the run has it all."""


class GoalCase(Case, frozen=True, kw_only=True):
    goal: str
    """As a person types it; `{web}` is the address of the suite's web server."""
    attach: tuple[str, ...] = ()
    """Workspace-relative paths."""
    expect: Expectation
    template: Path
    """The suite's workspace."""
    is_held: bool = False
    """Results keep the verdict only, so that nobody improves a planner on this very goal."""
    web: str = ""

    async def attempt(self, host: Host, conditions: Conditions) -> Result:
        async with AsyncExitStack() as life:
            opening = fresh(self.template)
            workspace = await anyio.to_thread.run_sync(opening.__enter__)
            life.push(opening)
            before = await anyio.to_thread.run_sync(fingerprints, workspace)
            started, spent = time.monotonic(), time.process_time()
            run, outcome = await self._outcome(host, conditions, workspace)
            seconds, cpu = time.monotonic() - started, time.process_time() - spent
            after = await anyio.to_thread.run_sync(fingerprints, workspace)
            mine = self.expect.changeable()
            outcome = Outcome(
                status=outcome.status,
                answer=outcome.answer,
                trouble=outcome.trouble,
                damage=damage(before, after, mine),
                calls=tuple(calls_in(await host.records(run))) if self.expect.calls is not None and run else (),
            )
            verdict, reasons = judged(self.expect, outcome, workspace)
            new = litter(before, after, mine)
            result = Result(
                case=self.id,
                group=self.group,
                verdict=verdict,
                seconds=round(seconds, 3),
                cpu=round(cpu, 3),
                asked=outcome.status == "waiting",
                run=run,
                measures={} if self.expect.calls is None else measured(self.expect.calls, outcome.calls),
            )
            if self.is_held:
                return result
            return _with_details(result, outcome, reasons, new)

    async def _outcome(self, host: Host, conditions: Conditions, workspace: Path) -> tuple[str, Outcome]:
        goal = Goal(text=self.goal.replace("{web}", self.web), workspace=str(workspace))
        options = RunOptions(roles=conditions.roles, approve="always", client=CLIENT)
        run = ""
        try:
            with anyio.move_on_after(conditions.seconds):
                run = await host.submit(goal, options, attachments=[workspace / path for path in self.attach])
                ended = await host.pursue(run, options)
                answer = ended.answer or ended.reason
                return run, Outcome(status=ended.status, answer=answer if ended.status != "waiting" else "")
            return run, Outcome(status="timeout")
        except (JournalUnusable, HomeUnusable, DiskShort):
            raise  # no other goal would fare better
        except Exception as error:  # plugins of any make are behind it, and the next goal may not meet this one
            return run, Outcome(status="broken", trouble=f"{type(error).__name__}: {error}")
        finally:
            if run:
                with anyio.CancelScope(shield=True):
                    await host.cancel(run, "its evaluation is over")  # says nothing to one that has ended


def _with_details(result: Result, outcome: Outcome, reasons: tuple[str, ...], new: tuple[str, ...]) -> Result:
    note = f"left {len(new)} other files: {', '.join(new[:3])}"
    return msgspec.structs.replace(
        result, reasons=reasons, answer=outcome.answer[:MAX_ANSWER], notes=(note,) if new else ()
    )
