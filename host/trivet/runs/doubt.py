"""Steps that may or may not have taken effect: found out from the tool, else from the user."""

import itertools

from trivet.runs.apart import apart
from trivet.runs.asking import Asking, Unanswered
from trivet.runs.collaborators import Plugins
from trivet.runs.foreign import cause_of, checked, said
from trivet.runs.log import RunLog
from trivet_sdk.events import ToolFailed, ToolReturned, VerdictIssued
from trivet_sdk.plan import Step
from trivet_sdk.tool import TextPart, ToolResult
from trivet_sdk.verdict import GiveUp

WORDS = frozenset({"retry", "done", "stop"})


class Doubt:
    """`waiting` gets the questions that nobody could be asked now, by step id."""

    def __init__(self, log: RunLog, plugins: Plugins, asking: Asking, waiting: dict[str, str]) -> None:
        self._log = log
        self._fold = log.fold
        self._plugins = plugins
        self._asking = asking
        self._waiting = waiting

    async def reconciled(self, step: Step) -> bool:
        """Find out whether an interrupted call took effect. True: it is known, and the step may go on from there."""
        intent = self._fold.intents[step.id]
        try:
            tool = await self._plugins.tool(intent.tool)
            reconcile = getattr(tool, "reconcile", None)
            if reconcile is not None:
                found = await apart(reconcile(intent.key))
                if found is not None:
                    result = checked(found, ToolResult)
                    await self._log.write(ToolReturned(step=step.id, tool=intent.tool, result=result, key=intent.key))
                return True
        except BaseException as error:  # foreign code; what it cannot tell stays unknown
            reason = f" Asked for it, the tool said: {said(cause_of(error))}."
        else:
            reason = ""
        words = f"trivet was stopped while '{intent.tool}' was at work; whether it took effect is not known.{reason}"
        await self._log.write(
            ToolFailed(step=step.id, tool=intent.tool, error=words, key=intent.key, outcome="unknown"), durable=True
        )
        return await self.asked(step)

    async def asked(self, step: Step) -> bool:
        """Ask the user what became of a step whose end is unknown; False if the run cannot go on with it.

        True with the step still unknown means: do it again, under the same key.
        """
        question = (
            f"Step {step.id} ({step.tool}) may or may not have taken effect: {self._fold.errors[step.id]} "
            "Answer 'retry' to do it again, 'done' if it has happened ('done: RESULT' with what came of it), or 'stop'."
        )
        try:
            word, value = await self._word(question, step.id)
        except Unanswered as unanswered:
            self._waiting[step.id] = unanswered.question
            return False
        match word:
            case "done":
                parts = (TextPart(value or "done, as the user says"),)
                await self._log.write(ToolReturned(step=step.id, tool=step.tool, result=ToolResult(parts=parts)))
                return True
            case "retry":
                return True
            case _:
                reason = f"the user stopped after step {step.id}, of which nobody knows whether it took effect"
                await self._log.write(VerdictIssued(step=step.id, verdict=GiveUp(reason), by="user"))
                return False

    async def _word(self, question: str, step: str) -> tuple[str, str]:
        """One of `WORDS`, with what was said after it. A slip of the finger must neither end a run nor repeat a call."""
        text = question
        for times in itertools.count():
            answer = (await self._asking.question(text, step, after=times)).strip()
            word, _, value = answer.partition(":")
            if (word := word.strip().lower()) in WORDS:
                return word, value.strip()
            text = f"'{answer[:40]}' is none of 'retry', 'done' and 'stop'. {question}"
        raise AssertionError("counting has no end")
