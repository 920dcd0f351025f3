"""Evaluations kept in the home, one append-only file of JSON lines each: `evaluations/<id>.jsonl`.

The first line says what is evaluated and with what, each further one is the result of a case, and the last says that it is
complete. A line is on disk before the next case begins; one that a loss of power tore is no result.
"""

import os
import platform
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from trivet.errors import EvaluationUnreadable, UnknownEvaluation
from trivet.evaluation.case import Conditions, Result, Suite
from trivet.folders import make_folder, sync_folder
from trivet.settings import Settings
from trivet.settings_file import split_key

FOLDER = "evaluations"
FORMAT = 1


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    format: int = FORMAT
    id: str
    suite: str
    source: str
    digest: str
    cases: tuple[str, ...]
    """The ids of those that are attempted, in order."""
    conditions: Conditions
    roles: dict[str, str]
    """Who filled which role."""
    model: dict[str, Any]
    """What the main model was: backend, weights or name, never an address or a secret."""
    given: dict[str, Any] = {}
    """Settings of plugins and runs that this call alone had, from variables: how an ablation differs."""
    versions: dict[str, str]
    started: float
    """Unix time in seconds."""


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """The last line."""

    completed: float
    """Unix time in seconds."""
    resident_bytes: int = 0
    """The most memory that this process held at once, its workers not counted; 0 where the system does not tell."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    record: Record
    results: tuple[Result, ...]
    completion: Completion | None
    """None: it was interrupted, or is at work."""

    @property
    def name(self) -> str:
        """What stands above its column in tables."""
        return self.record.conditions.label or self.record.id

    @property
    def left(self) -> tuple[str, ...]:
        """Cases without a result."""
        done = {each.case for each in self.results}
        return tuple(case for case in self.record.cases if case not in done)


class Keeper:
    """The file of an evaluation that is at work."""

    def __init__(self, path: Path, evaluation: Evaluation) -> None:
        self._path = path
        self.evaluation = evaluation

    def keep(self, result: Result) -> None:
        """On disk when this returns. Raises OSError."""
        _append(self._path, result)
        self.evaluation = msgspec.structs.replace(self.evaluation, results=(*self.evaluation.results, result))

    def complete(self) -> None:
        completion = Completion(completed=time.time(), resident_bytes=resident_bytes())
        _append(self._path, completion)
        self.evaluation = msgspec.structs.replace(self.evaluation, completion=completion)


def begin(settings: Settings, suite: Suite, conditions: Conditions) -> Keeper:
    """A new evaluation, durable when this returns. Raises OSError."""
    roles = {**settings.roles, **conditions.roles}
    model = settings.models.get(roles["model"], {})
    now = time.time()
    record = Record(
        id=f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}-{os.urandom(2).hex()}",
        suite=suite.name,
        source=suite.source,
        digest=suite.digest,
        cases=tuple(case.id for case in suite.cases),
        conditions=conditions,
        roles=roles,
        model={key: model[key] for key in ("backend", "weights", "name", "dtype") if key in model},
        given=_given(settings),
        versions={"trivet": version("trivet"), "python": platform.python_version(), "machine": platform.machine()},
        started=now,
    )
    folder = settings.home / FOLDER
    make_folder(folder)
    path = folder / f"{record.id}.jsonl"
    _append(path, record)
    sync_folder(folder)
    return Keeper(path, Evaluation(record=record, results=(), completion=None))


def reopen(settings: Settings, evaluation: Evaluation) -> Keeper:
    """To go on with one that was interrupted. What a loss of power tore is cut off. Raises OSError."""
    path = settings.home / FOLDER / f"{evaluation.record.id}.jsonl"
    content = path.read_bytes()
    if not content.endswith(b"\n"):
        with path.open("r+b") as file:
            file.truncate(content.rfind(b"\n") + 1)
    return Keeper(path, evaluation)


def evaluations(home: Path) -> list[Evaluation]:
    """All that can be read, newest first."""
    found = []
    for path in (home / FOLDER).glob("*.jsonl"):
        try:
            found.append(read(path))
        except EvaluationUnreadable:
            continue  # `find` says what is wrong with it
    return sorted(found, key=lambda each: each.record.started, reverse=True)


def find(home: Path, prefix: str) -> Evaluation:
    """The one whose id begins so or whose label this is, the newest of several with the label.

    Raises UnknownEvaluation, also if several ids begin so; EvaluationUnreadable."""
    paths = sorted((home / FOLDER).glob("*.jsonl"), reverse=True)
    if labelled := [each for each in evaluations(home) if each.record.conditions.label == prefix]:
        return labelled[0]
    fitting = [path for path in paths if prefix and path.stem.startswith(prefix)]
    if len(fitting) != 1:
        raise UnknownEvaluation(prefix, [path.stem for path in fitting])
    return read(fitting[0])


def read(path: Path) -> Evaluation:
    """Raises EvaluationUnreadable."""
    try:
        first, *rest = _lines(path)
        record = msgspec.json.decode(first, type=Record)
        if record.format > FORMAT:
            raise EvaluationUnreadable(
                path, f"a newer trivet wrote it (format {record.format}; this one knows {FORMAT})"
            )
        results: dict[str, Result] = {}
        completion = None
        for line in rest:
            if line.startswith(b'{"completed"'):
                completion = msgspec.json.decode(line, type=Completion)
            else:
                result = msgspec.json.decode(line, type=Result)
                results[result.case] = result
    except (OSError, ValueError) as error:
        raise EvaluationUnreadable(path, str(error)) from error
    return Evaluation(record=record, results=tuple(results.values()), completion=completion)


def resident_bytes() -> int:
    """The most memory that this process held at once; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _given(settings: Settings) -> dict[str, Any]:
    """By dotted key. Of models nothing, since a key may stand there."""
    found: dict[str, Any] = {}
    tables = {"plugins": settings.plugins, "roles": settings.roles, "run": msgspec.to_builtins(settings.run)}
    variables = settings.given.variables if settings.given is not None else {}
    for key, origin in settings.origins.items():
        section, *parts = split_key(key)
        if origin in variables and section in tables:
            value: Any = tables[section]
            for part in parts:
                value = value.get(part) if isinstance(value, dict) else None
            found[key] = value
    return found


def _lines(path: Path) -> Sequence[bytes]:
    """The whole ones: what stands behind the last newline was torn."""
    lines = path.read_bytes().split(b"\n")[:-1]
    if not lines:
        raise ValueError("it is empty")
    return lines


def _append(path: Path, line: msgspec.Struct) -> None:
    with path.open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
        file.flush()
        os.fsync(file.fileno())
