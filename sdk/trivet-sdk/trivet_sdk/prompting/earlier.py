"""What was said before in a conversation, as the messages a model reads."""

from collections.abc import Sequence

from ..message import Message, assistant, user
from ..transcript import Answered, Exchange, Observed
from .outline import outline

_NO_ANSWER = {
    "succeeded": "Done.",
    "failed": "(not achieved)",
    "cancelled": "(cancelled before there was an answer)",
    "exhausted": "(the budget was used up before there was an answer)",
    "interrupted": "(interrupted before there was an answer)",
}


def render_earlier(exchanges: Sequence[Exchange]) -> tuple[tuple[Message, ...], ...]:
    """For each exchange, oldest first: the goal, what came back from tools, and the answer.

    They stand before the goal that is wanted now. Where they do not all fit, whole exchanges are left out, oldest first.
    """
    return tuple(_messages(exchange) for exchange in exchanges)


def _messages(exchange: Exchange) -> tuple[Message, ...]:
    found = [_told(turn) for turn in exchange.turns]
    if exchange.artifacts:
        found.append(f"- files written: {', '.join(exchange.artifacts)}")
    results = (user("\n".join(["What came back:", *found])),) if found else ()
    return user(exchange.goal), *results, assistant(exchange.answer or _NO_ANSWER[exchange.status])


def _told(turn: Observed | Answered) -> str:
    match turn:
        case Answered(question=question, answer=answer):
            return f"- to the question '{question}' I said: {answer}"
        case Observed(step=step, result=result, error=error):
            came = f"failed: {error}" if result is None else result.text
            return f"- {step.tool} {outline(step.arguments, budget=400)}: {came}"
