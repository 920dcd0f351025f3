"""Foreign code, as the run meets it: what planners, reflectors, models, tools and guards raise and hand over.

Nothing of theirs goes on before it passed here: an exception becomes a cause that can be told, whatever its class; data
becomes what the contract says it is, and what a resumed run would read back from the journal.
"""

import asyncio
import traceback
from typing import Any

import anyio
import msgspec

from trivet.journal.events import readable
from trivet_sdk.errors import ToolError, TrivetError

_encoder = msgspec.json.Encoder()


class Deserted(RuntimeError):
    """Foreign code ended as if it had been cancelled, and nobody had cancelled it."""


def cause_of(error: BaseException) -> BaseException:
    """What went wrong in foreign code that raised this, for an `except BaseException` around it: SystemExit and
    KeyboardInterrupt there are only failures of their author's, and so is a cancellation that nobody asked for.

    Raises the error again if it is our own cancellation, which must go on.
    """
    if isinstance(error, asyncio.CancelledError) and is_cancelled():
        raise error
    cause = innermost(error)
    return Deserted("cancelled itself") if isinstance(cause, asyncio.CancelledError) else cause


def is_cancelled() -> bool:
    """Whether this task is really being stopped, by a scope or by its loop."""
    if anyio.current_effective_deadline() == float("-inf"):
        return True
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def innermost(error: BaseException) -> BaseException:
    """The first cause within groups that hold what parallel tasks raised."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def told(error: BaseException) -> str:
    """In words: a TrivetError's own sentence, else class and message."""
    text = _message(error)
    if text and isinstance(error, TrivetError | Deserted):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def said(error: BaseException) -> str:
    """Its message alone, where what it says matters and not what broke."""
    return (_message(error) or type(error).__name__).rstrip(".")


def _message(error: BaseException) -> str:
    try:
        return str(readable(str(error)))
    except Exception:  # even `__str__` is foreign
        return ""


def trace(error: BaseException) -> str:
    try:
        return str(readable("".join(traceback.format_exception(error))))
    except Exception:  # it prints the error, see above
        return ""


def checked(value: object, kind: Any) -> Any:
    """`value` as it would be read back, every field of the type that the contract gives it.

    Raises TypeError with what does not fit, for its author."""
    try:
        try:
            encoded = _encoder.encode(value)
        except UnicodeEncodeError:
            encoded = _encoder.encode(readable(msgspec.to_builtins(value)))
        return (_decoders.get(kind) or _decoder(kind)).decode(encoded)
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise TypeError(_misfit(error)) from None


_decoders: dict[Any, "msgspec.json.Decoder[Any]"] = {}


def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    _decoders[kind] = decoder = msgspec.json.Decoder(kind)
    return decoder


def _misfit(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply, or contains itself"
    what, _, where = str(error).partition(" - at `$")
    place = where.removesuffix("`").lstrip(".")
    return f"{what} in {place}" if place else what


def tells_of_outside(error: BaseException) -> bool:
    """Whether the complaint quotes text from outside."""
    return isinstance(error, ToolError) and error.is_untrusted
