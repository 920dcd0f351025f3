"""A model that says what it said in a run that is lived again."""

from collections.abc import AsyncIterator, Sequence

from trivet.runs.models import again
from trivet.runs.replay_log import ReplayLog
from trivet_sdk import errors
from trivet_sdk import events as happened
from trivet_sdk.errors import ModelError
from trivet_sdk.message import Message
from trivet_sdk.model import Delta, GenerateRequest, Model


class RecordedModel:
    """Says what was recorded. Whatever else there is to know of it, today's model knows; without one, nothing."""

    def __init__(self, name: str, today: Model | None, log: ReplayLog) -> None:
        self.name = name
        self.window = today.window if today is not None else None
        self.is_small = today.is_small if today is not None else False
        self.features = (
            today.features
            if today is not None
            else frozenset("tools schema grammar choices logprobs adapter seed".split())
        )
        self._today = today
        self._log = log

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        call = self._log.newest_call

        def is_next() -> bool:
            event = self._log.next
            return isinstance(event, happened.ModelReturned) and event.call == call

        await self._log.until(is_next)
        returned = self._log.next
        assert isinstance(returned, happened.ModelReturned)
        *pieces, last = again(returned)
        for piece in pieces:
            yield piece
        if returned.error:
            raise _failure(self.name, returned)
        yield last

    async def measure(self, messages: Sequence[Message]) -> int:
        return await self._today.measure(messages) if self._today is not None else 0


def _failure(model: str, returned: happened.ModelReturned) -> ModelError:
    """As the backend raised it."""
    kind = getattr(errors, returned.error_class, ModelError)
    is_known = isinstance(kind, type) and issubclass(kind, ModelError)
    failure: ModelError = (kind if is_known else ModelError)(model, returned.error.removeprefix(f"model '{model}' "))
    return failure
