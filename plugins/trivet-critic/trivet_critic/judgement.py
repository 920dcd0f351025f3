"""A run in which nothing is ready or running, judged without a model."""

from collections.abc import Sequence

from trivet_critic.claims import unproven
from trivet_critic.grounding import ungrounded
from trivet_critic.markup import is_call, is_thought
from trivet_critic.promises import unkept
from trivet_critic.refusal import is_question, is_refusal
from trivet_critic.sources import sources_of
from trivet_sdk import Answered, Ask, Finish, GiveUp, Judged, Observed, Planned, Replan, Transcript, Verdict

NO_ANSWER = "The steps are done, but there is no answer yet."
GO_ON = "The planner wanted to see these results before it goes on."
NOT_ACHIEVED = "The goal was not achieved."


def judged(transcript: Transcript) -> Verdict:
    """Finish means: nothing speaks against the newest answer, as far as can be seen without a model."""
    answer = newest_answer(transcript)
    if answer is None:
        return _unanswered(transcript)
    if not answer.strip():
        return once(Replan("The answer is empty."), transcript, answer)
    if is_refusal(answer):
        return GiveUp(NOT_ACHIEVED, answer)
    if is_question(answer):
        return Ask(answer.strip())
    if faults := faults_of(answer, transcript):
        return once(Replan(" ".join(faults)), transcript, answer)
    return Finish(answer, "its figures and names are in the results")


def once(disappointment: Replan, transcript: Transcript, answer: str) -> Verdict:
    """The planner may mend a fault once. If it comes back, the run ends with what was found."""
    if any(isinstance(turn, Judged) and turn.verdict == disappointment for turn in transcript.turns):
        return GiveUp(disappointment.reason, answer)
    return disappointment


def newest_answer(transcript: Transcript) -> str | None:
    """What the newest answer step said, unless it was found wanting since, the user was asked, or the planner goes on."""
    is_open = transcript.plan is not None and transcript.plan.is_open
    for turn in reversed(transcript.turns):
        if isinstance(turn, Answered) or (is_open and isinstance(turn, Planned)):
            return None
        if isinstance(turn, Judged) and isinstance(turn.verdict, Replan) and not turn.verdict.is_next:
            return None
        if isinstance(turn, Observed) and turn.step.tool == "answer" and turn.result is not None:
            return turn.result.text
    return None


def faults_of(answer: str, transcript: Transcript) -> list[str]:
    """What speaks against the answer, a sentence each."""
    faults: list[str] = []
    if is_call(answer):
        return ["The answer is a call of a tool, written as text. Call the tool instead."]
    if is_thought(answer):
        return ["The answer is a thought that comes to no end. Say what the user shall read."]
    if missing := unkept(transcript):
        faults.append(f"The goal asks for {_listed(missing)}, which no step has written.")
    claimed = unproven(answer, transcript)
    faults += [fault for fault in claimed if not any(f"'{path}'" in fault for path in missing)]
    if invented := ungrounded(answer, sources_of(transcript)):
        which = "are" if len(invented) > 1 else "is"
        faults.append(
            f"The answer says {_listed(invented)}, which {which} neither in a result nor in the goal. "
            "Find it with a tool, or leave it out."
        )
    return faults


def _unanswered(transcript: Transcript) -> Verdict:
    if errors := _unmended(transcript):
        return GiveUp(" ".join(errors))
    if (reason := _disappointment(transcript)) and transcript.answer is not None:
        return GiveUp(reason, transcript.answer)
    if transcript.plan is not None and transcript.plan.is_open:
        return Replan(GO_ON, is_next=True)
    return Replan(NO_ANSWER, is_next=True)


def _unmended(transcript: Transcript) -> list[str]:
    """Errors of steps that failed since the planner last had its say, each once: it knew no better way."""
    errors: list[str] = []
    for turn in reversed(transcript.turns):
        if isinstance(turn, Planned):
            break
        if isinstance(turn, Observed) and turn.result is None and transcript.states.get(turn.step.id) == "failed":
            errors.append(turn.error)
    return list(dict.fromkeys(reversed(errors)))[:3]


def _disappointment(transcript: Transcript) -> str:
    """What was found wanting since the planner last had its say: it did nothing about it. Else empty."""
    for turn in reversed(transcript.turns):
        if isinstance(turn, Planned):
            return ""
        if isinstance(turn, Judged) and isinstance(turn.verdict, Replan) and not turn.verdict.is_next:
            return turn.verdict.reason
    return ""


def _listed(items: Sequence[str]) -> str:
    shown = [f"'{item}'" for item in items[:5]]
    if len(items) > 5:
        return f"{', '.join(shown)} and {len(items) - 5} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]
