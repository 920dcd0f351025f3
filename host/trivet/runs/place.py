"""A call's place at the executor. Executors are foreign code: what breaks in them ends the run by a sentence."""

from contextlib import AbstractAsyncContextManager

from trivet.runs.failures import PluginBroke
from trivet.runs.foreign import cause_of, told
from trivet_sdk.contributions import Executor, Invocation
from trivet_sdk.errors import TrivetError


class NoPlace(Exception):
    """The executor cannot take the call; `str()` is its sentence."""


class Place:
    """`async with` waits for the place, and gives it back. Raises NoPlace where the executor says why it has none,
    PluginBroke where it breaks."""

    def __init__(self, executor: Executor, invocation: Invocation) -> None:
        self._executor = executor
        self._invocation = invocation
        self._scope: AbstractAsyncContextManager[object] | None = None

    async def __aenter__(self) -> None:
        try:
            scope = self._executor.place(self._invocation)
            await scope.__aenter__()
        except BaseException as error:  # foreign code
            raise _told(error) from error
        self._scope = scope

    async def __aexit__(self, *ended: object) -> None:
        assert self._scope is not None
        try:
            # It is not told how the call ended: that is journaled already, and not for the executor to change.
            await self._scope.__aexit__(None, None, None)
        except BaseException as error:  # foreign code
            raise _told(error) from error


def _told(error: BaseException) -> NoPlace | PluginBroke:
    cause = cause_of(error)
    return NoPlace(told(cause)) if isinstance(cause, TrivetError) else PluginBroke("executor", "place", cause)
