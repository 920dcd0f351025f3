"""One question of the leaderboard, with its functions offered as tools and its calls judged by bfcl-eval's checker."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio

from trivet.app import Host
from trivet.evaluation.bfcl import checking_child
from trivet.evaluation.bfcl.functions import as_tool
from trivet.evaluation.bfcl.manners import Call, Manner, Unreadable, calls_for
from trivet.evaluation.bfcl.services import loose_services
from trivet.evaluation.case import Case, Conditions, Result, Verdict
from trivet_sdk.errors import ModelError, PlannerAbstained, WeightsMissing

MAX_ANSWER = 3000
"""Characters of what was called that a result keeps."""


class BfclCase(Case, frozen=True, kw_only=True):
    """`group` is the category."""

    question: str
    functions: tuple[dict[str, Any], ...]
    """As the package describes them."""
    truth: tuple[dict[str, Any], ...]
    """The right calls, each argument with the values that it may have; empty where no function fits."""
    manner: Manner
    package: Path
    """The folder that holds bfcl_eval."""

    async def attempt(self, host: Host, conditions: Conditions) -> Result:
        """Raises ModelError and WeightsMissing: what cannot be asked once cannot be asked again."""
        services = await loose_services(host)
        name = conditions.roles.get("planner", host.settings.roles["planner"])
        planner = await host.kernel.planner(name) if self.manner == "planner" else None
        tools = [as_tool(function) for function in self.functions]
        started, spent = time.monotonic(), time.process_time()
        calls: list[Call] = []
        verdict: Verdict = "timeout"
        reasons: tuple[str, ...] = ()
        with anyio.move_on_after(conditions.seconds):
            try:
                calls = await calls_for(self.manner, self.question, tools, planner, services)
                verdict, reasons = await self._judged(calls)
            except PlannerAbstained as abstained:
                verdict, reasons = await self._judged([], str(abstained))
            except Unreadable as unreadable:
                verdict, reasons = "wrong", (f"no calls can be read in: {str(unreadable)[:200]}",)
            except (ModelError, WeightsMissing):
                raise
            except Exception as error:  # plugins of any make are behind it, and the next question may not meet this one
                verdict, reasons = "broken", (f"{type(error).__name__}: {error}",)
        return Result(
            case=self.id,
            group=self.group,
            verdict=verdict,
            seconds=round(time.monotonic() - started, 3),
            cpu=round(time.process_time() - spent, 3),
            reasons=reasons,
            answer=json.dumps(calls, ensure_ascii=False)[:MAX_ANSWER],
            measures={"functions": sorted(name for name, _ in calls) == sorted(self._wanted())},
        )

    def _wanted(self) -> list[str]:
        return [name for call in self.truth for name in call]

    async def _judged(self, calls: Sequence[Call], why: str = "") -> tuple[Verdict, tuple[str, ...]]:
        """No calls are no claim: honest where there should have been some, right where no function fits."""
        if not self.truth:
            return ("wrong", ("a function was called, and none fits",)) if calls else ("right", ())
        if not calls:
            return "honest", (why or "nothing was called",)
        asked = {"category": self.group, "functions": self.functions, "calls": calls, "truth": self.truth}
        command = [sys.executable, "-I", str(checking_child.__file__), str(self.package)]
        done = await anyio.run_process(command, input=json.dumps(asked).encode(), check=False)
        if done.returncode:
            return "broken", (f"the checker broke: {done.stderr.decode(errors='replace').strip()[-300:]}",)
        said = json.loads(done.stdout)
        return ("right", ()) if said["valid"] else ("wrong", (str(said["error"]),))
