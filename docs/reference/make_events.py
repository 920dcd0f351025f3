"""`python docs/reference/make_events.py`: write `events.md` from the event classes of the SDK."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import msgspec

from trivet_sdk import events
from trivet_sdk.docstring import class_texts
from trivet_sdk.events import HOST_EVENTS, RESERVED, RUN_EVENTS, TRANSIENT_EVENTS, Event

PAGE = Path(__file__).with_name("events.md")
HEAD = """# Events

<!-- Made by docs/reference/make_events.py from the classes in trivet_sdk.events: change those. -->

An event says what has happened. Its topic has a version, which rises when a field changes its meaning: `tool.returned@1`.

How to listen, and what may be lost:

- `context.subscribe(pattern)` in a plugin and `kernel.bus.subscribe(pattern)` in the host give events of this host as they
  happen. What a slow subscriber's bound does not hold is lost to it, and counted in `missed`.
- `kernel.bus.subscribe(pattern, since=position)` begins with those after `position`, as far as this host's memory reaches:
  the last 1024 that are not transient. `has_gap` says if that was not far enough.
- `host.watch(run, after=seq)` gives the records of one run, and `host.events(pattern, since=cursor)` those of all runs of
  the home, whichever host works on them: first from the journal, then live. Nothing is lost.

In a pattern `*` stands for any part of a topic, and `@` asks for a version: `*`, `tool.*`, `*.failed`, `run.finished@1`.
Order holds per publisher. A subscriber that has more than `bound` events before it forgets the oldest (`drop_oldest`),
keeps the newest of each topic (`coalesce`), is cut off (`disconnect`), or makes publishers wait up to its `deadline`
(`block`).

A plugin publishes topics of its own, which its manifest declares under `[[contributes.events]]`, as classes derived from
`Event`.

As JSON a record of a run is flat: `{"topic", "v", "seq", "run", "time", "step"?, …}` and the fields below.
"""
SECTIONS = (
    ("Runs", "Journaled, and published on the bus of the host that works on the run.", RUN_EVENTS),
    (
        "Pieces of a run",
        "Transient: seen live by `host.watch(run, transient=True)`, never journaled.",
        TRANSIENT_EVENTS,
    ),
    ("Hosts", "On the bus of the host in which it happened; not journaled.", HOST_EVENTS),
)


def page() -> str:
    texts, types = class_texts(events), _annotations()
    lines = [HEAD]
    for title, where, classes in SECTIONS:
        lines += [f"## {title}", "", where, ""]
        for each in classes:
            lines += _topic(each, texts, types)
    return "\n".join(lines).rstrip() + "\n"


def _topic(kind: type[Event], texts: dict[tuple[str, str], str], types: dict[tuple[str, str], str]) -> Iterator[str]:
    yield f"### `{kind.topic}@{kind.version}`"
    yield ""
    if kind in RESERVED:
        yield "Reserved: no host sends it yet."
        yield ""
    if text := texts.get((kind.__name__, "")):
        yield text
        yield ""
    fields = msgspec.structs.fields(kind)
    if not fields:
        return
    yield "| field | type | default | |"
    yield "|---|---|---|---|"
    for field in fields:
        owner = next(base.__name__ for base in kind.__mro__ if (base.__name__, field.name) in types)
        kept = types[owner, field.name].replace("|", "\\|")
        text = texts.get((owner, field.name), "").replace("|", "\\|")
        yield f"| `{field.name}` | `{kept}` | {_default(field)} | {text} |"
    yield ""


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    default = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    return f"`{msgspec.json.encode(default).decode()}`"


def _annotations() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    classes = [node for node in ast.parse(inspect.getsource(events)).body if isinstance(node, ast.ClassDef)]
    for node in classes:
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                found[node.name, statement.target.id] = ast.unparse(statement.annotation)
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
