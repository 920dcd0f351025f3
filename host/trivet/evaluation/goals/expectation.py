"""What a goal's outcome must be: the keys of `expect` in a suite's goals.jsonl, each documented where it is a field."""

from typing import Any, TypeAlias

import msgspec

Phrase: TypeAlias = str | list[str]
"""Whole words in any case; a list gives alternatives, and a trailing `*` lets the last word go on."""
Near: TypeAlias = tuple[float, float]
"""A value and its tolerance."""


class Cell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one row has these values, and there this one in the column."""

    where: dict[str, Any]
    column: str
    value: Any
    tolerance: float = 0.0


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    column: str
    descending: bool = False


class FileExpectation(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A file that the goal asks for. Tables are CSV, TSV, JSON or JSON Lines by the name's ending; of other files the rows
    are the lines that are not empty."""

    file: str
    """Workspace-relative path."""
    absent: bool = False
    """It is gone."""
    sha256: str | None = None
    encoding: str = "utf-8-sig"
    text: str | None = None
    """All that it holds, white space and case aside."""
    lines: list[str] | None = None
    """Its lines that are not empty."""
    contains: list[Phrase] = []
    not_contains: list[Phrase] = []
    numbers: list[Near] = []
    max_chars: int | None = None
    rows: int | None = None
    columns: list[str] | None = None
    """In any order."""
    sum: dict[str, Near] = {}
    """Of a column."""
    cells: list[Cell] = []
    sorted: Order | None = None
    json: list[list[Any]] = []
    """A dotted path into the value, what stands there, and its tolerance if it has one."""


class CallExpectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A call of a tool that the plan makes. Nothing beyond these arguments may be given."""

    tool: str
    """`<plugin>.<tool>`."""
    arguments: dict[str, Any] = {}
    """Name -> value, or `{"any_of": [...]}` of values, or `{"contains": text}`, or `{"any": true}`."""
    optional: dict[str, Any] = {}
    """The same for those that may be left out."""


class Expectation(FileExpectation, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    file: str = ""
    """With the keys of a file beside it."""
    files: list[FileExpectation] = []
    may_change: list[str] = []
    """Files that the goal may change although nothing is said of them; any other change is damage."""
    answer_number: float | None = None
    tolerance: float = 0.0
    sign: str = "exact"
    """`any` ignores it."""
    or_number: list[Near] = []
    """Other values that are right where one number is asked for."""
    answer_numbers_all: list[Near] = []
    answer_contains_all: list[Phrase] = []
    answer_contains_any: list[str] | None = None
    answer_not_contains: list[Phrase] = []
    answer_at_least: tuple[int, list[Phrase]] | None = None
    """So many of these facts."""
    answer_order: list[Phrase] | None = None
    max_numbers: int = 25
    """Different numbers beside those asked for, at most: more is a guess at everything."""
    max_chars: int | None = None
    """Of the answer, and of the file if one is named; 2,000 of an answer by default."""
    not_achieved: bool = False
    """No success is claimed."""
    asks: bool = False
    """It ends with a question."""
    any_of: list["Expectation"] | None = None
    """One of these."""
    calls: list[CallExpectation] | None = None
    """The calls of tools in order, other than looking at the workspace; see `calls.py`."""

    @property
    def options(self) -> "list[Expectation]":
        return [self] if self.any_of is None else self.any_of

    @property
    def all_files(self) -> list[FileExpectation]:
        return [*([self] if self.file else []), *self.files]

    @property
    def judges_the_answer(self) -> bool:
        return (
            self.answer_number is not None
            or self.answer_contains_any is not None
            or self.answer_at_least is not None
            or self.answer_order is not None
            or bool(self.answer_numbers_all or self.answer_contains_all or self.answer_not_contains)
        )

    def changeable(self) -> set[str]:
        """Paths of files that are the goal's to touch."""
        return {*self.may_change, *(each.file for option in self.options for each in option.all_files)}
