"""Exceptions that cross between host and worker.

Those of the contracts (`TrivetError` and below) arrive as what they are, with their fields. Anything else is somebody's bug:
it arrives as a `RemoteBug` with the name, the text and the traceback that it had where it was raised. One that comes back to
the side that raised it is that very object again, so an error of the host may pass through a planner in a worker.
"""

import builtins
import inspect
import itertools
import traceback
from typing import Any

import msgspec

from .. import errors
from ..errors import TrivetError
from .protocol import Problem

_KNOWN = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, TrivetError)}
_NO_FIELDS = ("self", "args", "kwargs")
_REMEMBERED = 256
_TRACE = 20_000
"""Characters of a traceback at most; its end tells most."""


class RemoteBug(Exception):
    """Raised on the other side, where it was no error of a contract. `origin_traceback` is the text from there."""

    origin_traceback = ""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class RemoteTraceback(Exception):
    """The cause of a RemoteBug, so that a printed traceback shows where it was raised."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


class Failures:
    """One side's: remembers what it sent out, to know it again when it comes back."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._raised: dict[int, BaseException] = {}

    def told(self, error: BaseException) -> Problem:
        """What is sent of the exception."""
        while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
        if origin := getattr(error, "__trivet_origin__", 0):  # the other side's own, on its way back
            return Problem(kind="", origin=-origin)
        number = next(self._numbers)
        self._raised[number] = error
        if len(self._raised) > _REMEMBERED:
            del self._raised[next(iter(self._raised))]
        own = type(error)
        kind = next((each for each in own.__mro__ if _KNOWN.get(each.__name__) is each), None)
        trace = "".join(traceback.format_exception(error))[-_TRACE:]
        text = _text(error)
        if kind is None:
            return Problem(kind="", text=text, traceback=trace, origin=number, name=own.__name__)
        fields = {name: value for name, value in vars(error).items() if _is_plain(value)}
        return Problem(
            kind=kind.__name__,
            fields=fields,
            text=text,
            traceback=trace,
            origin=number,
            is_exact=own is kind,
            name=own.__name__,
        )

    def raised(self, problem: Problem) -> BaseException:
        """The exception to raise here."""
        if problem.origin < 0:
            return self._raised.get(-problem.origin) or RuntimeError("an error came back that was never sent")
        error = (_contract_error(problem) if problem.kind in _KNOWN else None) or _bug(problem)
        error.__trivet_origin__ = problem.origin  # type: ignore[attr-defined]
        return error


def _contract_error(problem: Problem) -> BaseException | None:
    """Made as its class makes it, from fields that are named like the arguments; None if they are not what it takes."""
    kind: type[TrivetError] = _KNOWN[problem.kind]
    arguments = [name for name in inspect.signature(kind.__init__).parameters if name not in _NO_FIELDS]
    if not problem.is_exact:
        text = problem.text
        kind = type(problem.name, (kind,), {"__str__": lambda self: text})
    try:
        error = kind(**{name: problem.fields[name] for name in arguments}) if arguments else kind(problem.text)
        for name, value in problem.fields.items():
            if name not in arguments and not name.startswith("_"):
                setattr(error, name, value)
        str(error)
    except Exception:  # whatever the other side made up
        return None
    return error


def _bug(problem: Problem) -> BaseException:
    """Named as it was there; of a built-in exception it can also be caught as that."""
    builtin = getattr(builtins, problem.name, None)
    bases: tuple[type, ...] = (RemoteBug,)
    if isinstance(builtin, type) and issubclass(builtin, Exception) and builtin not in (Exception, StopIteration):
        bases = (RemoteBug, builtin)
    try:
        error: BaseException = type(problem.name or "RemoteBug", bases, {})(problem.text)
    except TypeError:  # one that insists on arguments of its own, such as UnicodeDecodeError
        error = type(problem.name, (RemoteBug,), {})(problem.text)
    if problem.traceback:
        error.__cause__ = RemoteTraceback(problem.traceback)
    error.origin_traceback = problem.traceback  # type: ignore[attr-defined]
    return error


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:  # a foreign __str__
        return f"(its text could not be made: {type(broken).__name__})"


def _is_plain(value: Any) -> bool:
    try:
        msgspec.msgpack.encode(value)
    except (TypeError, OverflowError, UnicodeEncodeError, RecursionError):
        return False
    return True
