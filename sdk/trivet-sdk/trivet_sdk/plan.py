"""Plans: graphs of steps, and the references by which one step uses another's result.

A reference is `{"$ref": "s1#/rows/0/name"}` anywhere in a step's arguments: the id of an earlier step, `#`, and a
JSON pointer (RFC 6901) into that step's `ToolResult.value`. `"s1#"` is the whole value. In a string, `{{s1#/rows/0/name}}`
is replaced by the value written as text, and `{{s1}}` by the text of the step's result.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from .errors import InvalidPlan

Json: TypeAlias = Any
"""Anything `json.loads` can return."""


_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")


class Ref(msgspec.Struct, frozen=True):
    """A JSON pointer into an earlier step's value."""

    step: str
    pointer: str = ""

    @classmethod
    def parse(cls, text: str) -> "Ref":
        """Read `s1#/rows/0`. Raises InvalidPlan if the text is no reference."""
        step, hash_mark, pointer = text.partition("#")
        if not step or not hash_mark or (pointer and not pointer.startswith("/")):
            raise InvalidPlan([f"'{text}' is not a reference; write it like 's1#/rows/0/name'"])
        return cls(step, pointer)

    def __str__(self) -> str:
        return f"{self.step}#{self.pointer}"

    def of(self, value: Json) -> Json:
        """The place in `value` that the pointer names. Raises KeyError with what is missing."""
        for token in self.pointer.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            if isinstance(value, Mapping) and key in value:
                value = value[key]
            elif isinstance(value, list | tuple) and _INDEX.fullmatch(key) and int(key) < len(value):
                value = value[int(key)]
            else:
                raise KeyError(f"'{self}': there is no '{key}' in the result")
        return value


_NUMBERS = frozenset({int, float, bool, type(None)})
"""What most arguments are, and nothing refers from."""
_REF_IN_TEXT = re.compile(r"\{\{\s*([A-Za-z_]\w*)(#[^}\s]*)?\s*\}\}")


def refs_in(value: Json) -> Iterator[Ref]:
    """Every reference inside arguments, in document order, those within text included."""
    if isinstance(value, str):
        for match in _REF_IN_TEXT.finditer(value):
            yield Ref(match[1], (match[2] or "#")[1:])
    elif isinstance(value, (dict, Mapping)):
        if len(value) == 1 and "$ref" in value:
            yield Ref.parse(str(value["$ref"]))
        else:
            for inner in value.values():
                if type(inner) not in _NUMBERS:
                    yield from refs_in(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from refs_in(inner)


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One tool call to make, once everything it needs has succeeded."""

    id: str
    tool: str
    arguments: dict[str, Json] = {}
    needs: tuple[str, ...] = ()
    """Ids of steps that must succeed first, beside those its references name."""
    reason: str = ""
    """Why, in a few words for the user."""
    call_id: str = ""
    """The id a model gave its native tool call, kept so that the history can be told back to it."""

    @property
    def depends_on(self) -> frozenset[str]:
        return frozenset(self.needs) | {ref.step for ref in refs_in(self.arguments)}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A whole plan. Steps that already ran are immutable; later changes come as a `Patch`."""

    steps: tuple[Step, ...]
    revision: int = 1
    is_open: bool = False
    """True if the planner wants to see these results before it says what follows."""
    text: str = ""
    """What the planner said beside the steps, if anything."""
    note: str = ""
    """Shown to the user, e.g. that a small local model made this plan."""

    def step(self, id: str) -> Step | None:
        return next((step for step in self.steps if step.id == id), None)


class Patch(msgspec.Struct, frozen=True, kw_only=True):
    """A change to the plan of revision `revision`: steps to add, pending steps to cancel or to replace."""

    revision: int
    add: tuple[Step, ...] = ()
    cancel: tuple[str, ...] = ()
    replace: tuple[Step, ...] = ()
    is_open: bool = False
    text: str = ""
    note: str = ""
