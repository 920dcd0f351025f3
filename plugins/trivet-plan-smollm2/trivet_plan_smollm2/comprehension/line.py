"""The line of Python that a model answers with: read, never run."""

import ast
from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from trivet_plan_smollm2.prompt import Call
from trivet_sdk import ToolSpec

_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**"}
_FUNCTIONS = frozenset({"round", "min", "max", "abs", "sqrt"})


class Said(msgspec.Struct, frozen=True):
    """A note says so, in these words or with this figure."""

    text: str


class Entry(msgspec.Struct, frozen=True):
    """It stands in an entry that has all these words, as in `stands["Ridge"]["elevation_m"]`."""

    words: tuple[str, ...]


class Reckoned(msgspec.Struct, frozen=True):
    calls: tuple[Call, ...]
    """The last one brings what is asked."""
    numbers: tuple[float, ...]
    days: tuple[str, ...]
    words: tuple[str, ...]
    """Units."""


class Unreadable(Exception):
    """The line is none of those that were asked for."""


Answer = Said | Entry | Reckoned


Lookup: TypeAlias = Callable[[tuple[str, ...]], float | None]


def read_line(line: str, tools: Sequence[ToolSpec], lookup: Lookup = lambda _: None) -> Answer | None:
    """None where the model does not know. `lookup`: the figure of the entry that has all these words. Raises Unreadable."""
    try:
        tree = ast.parse(line, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(str(error)) from None
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        if tree.func.id == "unknown":
            return None
        if tree.func.id == "said":
            return Said(" ".join(_text(each) for each in tree.args))
    if isinstance(tree, ast.Constant) and isinstance(tree.value, (str, int, float)):
        return Said(tree.value if isinstance(tree.value, str) else line)
    if isinstance(tree, ast.Subscript):
        return Entry(_keys(tree))
    return _Reading(tools, lookup).all_of(tree)


class _Reading:
    def __init__(self, tools: Sequence[ToolSpec], lookup: Lookup) -> None:
        self._tools, self._lookup = tools, lookup
        self._calls: list[Call] = []
        self._numbers: list[float] = []
        self._days: list[str] = []
        self._words: list[str] = []

    def all_of(self, tree: ast.expr) -> Reckoned:
        if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id not in _FUNCTIONS):
            self._evaluated(tree)
        else:
            self._called(tree)
        return Reckoned(tuple(self._calls), tuple(self._numbers), tuple(self._days), tuple(self._words))

    def _called(self, tree: ast.Call) -> str:
        """The reference to what it brings."""
        assert isinstance(tree.func, ast.Name)
        names = {"days_between": ("start", "end"), "weekday": ("day",), "add_to_date": ("start", "amount", "unit")}
        names["convert"] = ("value", "unit", "to")
        wanted = names.get(tree.func.id, ())
        given = tree.args[: len(wanted)]  # some say to convert how many decimals they want
        if tree.keywords or len(given) != len(wanted) or not wanted:
            raise Unreadable(f"{tree.func.id} cannot be called so.")
        tool = next((t for t in self._tools if t.parameters.get("properties", {}).keys() == {*wanted}), None)
        if tool is None:
            raise Unreadable(f"No tool does what {tree.func.id} does.")
        arguments = {name: self._argument(name, each) for name, each in zip(wanted, given, strict=True)}
        return self._added(Call(tool=tool.name, arguments=arguments))

    def _argument(self, name: str, tree: ast.expr) -> object:
        if name in ("value", "amount"):
            if isinstance(tree, (ast.Constant, ast.Subscript)):
                return self._number(tree)
            return {"$ref": self._evaluated(tree)}
        if isinstance(tree, ast.Call) and name in ("start", "end", "day"):
            return {"$ref": self._called(tree)}
        text = _text(tree)
        (self._days if name in ("start", "end", "day") else self._words).append(text)
        if name == "unit" and text.rstrip("s") in ("day", "week", "month", "year"):
            return f"{text.rstrip('s')}s"
        return text

    def _evaluated(self, tree: ast.expr) -> str:
        tool = next(
            (t for t in self._tools if {"expression", "values"} <= t.parameters.get("properties", {}).keys()), None
        )
        if tool is None:
            raise Unreadable("No tool reckons.")
        values: dict[str, object] = {}
        expression = self._expression(tree, values)
        more = {"values": values} if values else {}
        return self._added(Call(tool=tool.name, arguments={"expression": expression, **more}))

    def _expression(self, tree: ast.expr, values: dict[str, object]) -> str:
        if isinstance(tree, (ast.Constant, ast.Subscript)):
            return repr(self._number(tree))
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
            return f"-{self._expression(tree.operand, values)}"
        if isinstance(tree, ast.BinOp) and type(tree.op) in _SIGNS:
            sides = [self._expression(each, values) for each in (tree.left, tree.right)]
            return f"({sides[0]} {_SIGNS[type(tree.op)]} {sides[1]})"
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
            if tree.func.id in _FUNCTIONS:
                places = tree.func.id == "round"
                inside = [
                    str(each.value)
                    if places and n and isinstance(each, ast.Constant)
                    else self._expression(each, values)
                    for n, each in enumerate(tree.args)
                ]
                return f"{tree.func.id}({', '.join(inside)})"
            name = "abcdefgh"[len(values) % 8]
            values[name] = {"$ref": self._called(tree)}
            return name
        raise Unreadable("It is more than arithmetic.")

    def _number(self, tree: ast.Constant | ast.Subscript) -> float | int:
        value = tree.value if isinstance(tree, ast.Constant) else self._lookup(_keys(tree))
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Unreadable("A figure is wanted.")
        self._numbers.append(float(value))
        return value

    def _added(self, call: Call) -> str:
        self._calls.append(call)
        return f"s{len(self._calls)}#/value"


def _keys(tree: ast.expr) -> tuple[str, ...]:
    if isinstance(tree, ast.Subscript):
        return *_keys(tree.value), _text(tree.slice)
    return ()


def _text(tree: ast.expr) -> str:
    if not isinstance(tree, ast.Constant) or not isinstance(tree.value, (str, int, float)):
        raise Unreadable("A text is wanted.")
    return str(tree.value)
