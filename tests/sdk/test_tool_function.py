"""`@tool`: schemas, arguments and results."""

import datetime
import decimal
import enum
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypedDict

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk import (
    BlobPart,
    Column,
    DataPart,
    InvalidArguments,
    InvalidTool,
    NewPath,
    TextPart,
    Tool,
    ToolContext,
    ToolResult,
    Workspace,
    WorkspacePath,
    of,
    tool,
)
from trivet_sdk.testing import StandaloneCall, call
from trivet_sdk.tool_function import AsyncToolFunction

if TYPE_CHECKING:
    from collections import OrderedDict as Unimported

CONTEXT = StandaloneCall(Workspace(__import__("pathlib").Path()))


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Circle(msgspec.Struct, tag="circle"):
    radius: float


class Square(msgspec.Struct, tag="square"):
    side: Annotated[float, msgspec.Meta(gt=0)]


class Condition(msgspec.Struct):
    """One test of a row."""

    column: Column
    op: Literal["=", "<", "in"] = "="
    value: str | float | bool | list[str | float] = ""


class Folder(msgspec.Struct):
    name: str
    folders: list["Folder"] = []


class Address(TypedDict):
    street: str


class Point(NamedTuple):
    x: float
    y: float


@dataclass
class Person:
    name: str
    age: int = 0


@tool(effect="pure", examples=["show the rows of a.csv"], resources=("disk",), describes="column")
def select(
    path: WorkspacePath,
    ctx: ToolContext,
    columns: list[Column] = [],  # noqa: B006 - the default is never shared
    where: tuple[Condition, ...] = (),
    other_on: Annotated[Column, of("other")] = "",
    to: NewPath | None = None,
    limit: int = 0,
) -> dict[str, Any]:
    """Show the rows of a table
    that fit.

    Reads CSV and others.

    Args:
        path: The table.
        columns (list): Which columns,
            in order: all if empty.
        limit: Rows at most.

    Returns:
        {"rows": [...]}, in the
        order of the file.

    Raises:
        ToolError: Nobody knows.
    """
    columns.append("id")
    return {"columns": columns, "where": where, "ctx": ctx is CONTEXT, "to": to, "limit": limit}


@tool(effect="pure")
def everything(
    colour: Colour,
    shape: Circle | Square,
    day: datetime.date,
    moment: datetime.datetime,
    amount: decimal.Decimal,
    id: uuid.UUID,
    person: Person,
    address: Address,
    point: Point,
    pair: tuple[int, str],
    tags: set[str],
    weights: dict[str, float],
    tree: Folder,
    maybe: int | None,
    anything: Any,
    blob: bytes = b"",
) -> None:
    """Take everything."""


EVERYTHING: dict[str, Any] = {
    "colour": "red", "shape": {"type": "circle", "radius": 2.5}, "day": "2025-03-01", "moment": "2025-03-01T10:00:00Z",
    "amount": "12.50", "id": "b5e4358c-0000-4000-8000-000000000000", "person": {"name": "Ada"}, "address": {"street": "A"},
    "point": [1, 2], "pair": [1, "a"], "tags": ["x"], "weights": {"a": 0.5}, "tree": {"name": "t", "folders": [{"name": "u"}]},
    "maybe": None, "anything": [{"deep": True}],
}  # fmt: skip


def test_the_spec_says_what_signature_and_docstring_say() -> None:
    spec = select.spec
    assert (spec.name, spec.summary) == ("select", "Show the rows of a table that fit.")
    assert spec.description == 'Reads CSV and others.\n\nReturns: {"rows": [...]}, in the order of the file.'
    assert (spec.effect, spec.examples, spec.resources, spec.describes) == (
        "pure", ("show the rows of a.csv",), ("disk",), "column",
    )  # fmt: skip
    condition = {
        "type": "object",
        "description": "One test of a row.",
        "properties": {
            "column": {"type": "string", "format": "column"},
            "op": {"enum": ["<", "=", "in"], "default": "="},
            "value": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "number"},
                    {"type": "boolean"},
                    {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "number"}]}},
                ],
                "default": "",
            },
        },
        "required": ["column"],
    }
    assert spec.parameters == {
        "type": "object",
        "properties": {
            "path": {"type": "string", "format": "workspace-path", "description": "The table."},
            "columns": {
                "type": "array",
                "items": {"type": "string", "format": "column"},
                "description": "Which columns, in order: all if empty.",
                "default": [],
            },
            "where": {"type": "array", "items": condition, "default": []},
            "other_on": {"type": "string", "format": "column", "x-of": "other", "default": ""},
            "to": {"anyOf": [{"type": "string", "format": "new-path"}, {"type": "null"}], "default": None},
            "limit": {"type": "integer", "description": "Rows at most.", "default": 0},
        },
        "required": ["path"],
        "additionalProperties": False,
    }


def test_the_schema_survives_json() -> None:
    for made in (select, everything):
        again = msgspec.json.decode(msgspec.json.encode(made.spec.parameters))
        assert again == made.spec.parameters
        jsonschema.Draft202012Validator.check_schema(again)


def test_a_tool_is_still_its_function() -> None:
    @tool(effect="pure")
    def double(number: int) -> int:
        """Double a number."""
        return 2 * number

    assert double(4) == 8
    assert isinstance(double, Tool)
    assert repr(double) == "<tool double>"
    assert double.__doc__ == "Double a number."


async def test_coroutine_functions_become_asynchronous_tools() -> None:
    @tool
    async def later(text: str) -> str:
        """Say it later."""
        return text

    assert isinstance(later, AsyncToolFunction)
    assert await later("a") == "a"
    assert (await call(later, {"text": "b"})).text == "b"
    assert later.spec.effect == "effectful"


def test_names_and_summaries_can_be_given() -> None:
    @tool(name="from", summary="Begin.", egress=True, untrusted_output=True)
    def from_() -> None: ...

    assert (from_.spec.name, from_.spec.summary, from_.spec.egress, from_.spec.untrusted_output) == (
        "from",
        "Begin.",
        True,
        True,
    )


def test_every_supported_type_is_described_and_read() -> None:
    validator = jsonschema.Draft202012Validator(everything.spec.parameters)
    assert [error.message for error in validator.iter_errors(EVERYTHING)] == []
    read = everything.parameters.read(EVERYTHING, "everything")
    assert read == {
        "colour": Colour.RED, "shape": Circle(2.5), "day": datetime.date(2025, 3, 1),
        "moment": datetime.datetime(2025, 3, 1, 10, tzinfo=datetime.UTC), "amount": decimal.Decimal("12.50"),
        "id": uuid.UUID("b5e4358c-0000-4000-8000-000000000000"), "person": Person("Ada"), "address": {"street": "A"},
        "point": Point(1, 2), "pair": (1, "a"), "tags": {"x"}, "weights": {"a": 0.5},
        "tree": Folder("t", [Folder("u")]), "maybe": None, "anything": [{"deep": True}], "blob": b"",
    }  # fmt: skip


def test_recursive_types_keep_their_definitions() -> None:
    folder = everything.spec.parameters["$defs"]["Folder"]
    assert everything.spec.parameters["properties"]["tree"] == {"$ref": "#/$defs/Folder"}
    assert folder["properties"]["folders"]["items"] == {"$ref": "#/$defs/Folder"}
    assert list(everything.spec.parameters["$defs"]) == ["Folder"]


def test_defaults_are_never_shared_between_calls() -> None:
    for _ in range(2):
        assert select.call({"path": "a.csv"}, CONTEXT).value["columns"] == ["id"]


def test_the_context_is_filled_in_by_the_host() -> None:
    assert select.call({"path": "a.csv"}, CONTEXT).value["ctx"] is True
    with pytest.raises(InvalidArguments):
        select.call({"path": "a.csv", "ctx": 3}, CONTEXT)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"limit": "5"}, {"limit": 5}),
        ({"limit": 5.0}, {"limit": 5}),
        ({"limit": "5.0"}, {"limit": 5}),
        ({"limit": None}, {"limit": 0}),
        ({"to": None}, {"to": None}),
        ({"to": 5}, {"to": "5"}),
        ({"columns": [2014, "km"]}, {"columns": ["2014", "km", "id"]}),
        ({"where": [{"column": 3, "value": "2014"}]}, {"where": [{"column": "3", "op": "=", "value": "2014"}]}),
        ({"where": [{"column": "a", "value": True}]}, {"where": [{"column": "a", "op": "=", "value": True}]}),
    ],
)
def test_what_small_models_get_wrong_is_put_right(arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    value = select.call({"path": "a.csv", **arguments}, CONTEXT).value
    assert {name: value[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "tool 'select' cannot take these arguments: 'path' is missing"),
        ({"path": None}, "tool 'select' cannot take these arguments at $.path: expected a text, got null"),
        ({"path": ["a"]}, """tool 'select' cannot take these arguments at $.path: expected a text, got ["a"]"""),
        ({"path": True}, "tool 'select' cannot take these arguments at $.path: expected a text, got true"),
        (
            {"path": "a", "file": "b"},
            "tool 'select' cannot take these arguments: there is no 'file'; there are: path, columns, where, other_on, to, limit",
        ),
        ({"path": "a", "limit": 2.5}, "tool 'select' cannot take these arguments at $.limit: expected a whole number, got 2.5"),
        ({"path": "a", "limit": "m"}, "tool 'select' cannot take these arguments at $.limit: expected a whole number, got 'm'"),
        ({"path": "a", "limit": True}, "tool 'select' cannot take these arguments at $.limit: expected a whole number, got true"),
        (
            {"path": "a", "where": [{"column": "x"}, {"column": "x", "op": "~"}]},
            "tool 'select' cannot take these arguments at $.where[1].op: '~' is none of '<', '=', 'in'",
        ),
        ({"path": "a", "where": [{}]}, "tool 'select' cannot take these arguments at $.where[0]: 'column' is missing"),
        ({"path": "a", "where": "x = 1"}, "tool 'select' cannot take these arguments at $.where: expected a list, got 'x = 1'"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_are_refused_with_their_place(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        select.call(arguments, CONTEXT)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("day", "2025-02-30", "at $.day: Invalid RFC3339 encoded date"),
        ("colour", "green", "at $.colour: 'green' is none of 'blue', 'red'"),
        ("shape", {"type": "square", "side": -1}, "at $.shape.side: must be more than 0, not -1"),
        ("shape", {"type": "star"}, "at $.shape.type: Invalid value 'star'"),
        ("weights", {"a": "heavy"}, "at $.weights[...]: Expected `float`, got `str`"),
        ("pair", [1], "at $.pair: expected at least 2 items, got 1"),
    ],
)
def test_values_of_richer_types_are_refused_too(name: str, value: Any, sentence: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        everything.parameters.read({**EVERYTHING, name: value}, "everything")
    assert str(refused.value) == f"tool 'everything' cannot take these arguments {sentence}"


class Made(msgspec.Struct):
    day: datetime.date


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ("hello", ToolResult(parts=(TextPart("hello"),))),
        ("", ToolResult()),
        (None, ToolResult()),
        (0, ToolResult(parts=(DataPart(0),))),
        ([1, (2, 3)], ToolResult(parts=(DataPart([1, [2, 3]]),))),
        ({1: Colour.RED}, ToolResult(parts=(DataPart({"1": "red"}),))),
        (Made(datetime.date(2025, 3, 1)), ToolResult(parts=(DataPart({"day": "2025-03-01"}),))),
        (Person("Ada"), ToolResult(parts=(DataPart({"name": "Ada", "age": 0}),))),
        (ToolResult(artifacts=("a.csv",)), ToolResult(artifacts=("a.csv",))),
    ],
)
def test_whatever_json_can_carry_becomes_a_result(returned: Any, expected: ToolResult) -> None:
    @tool
    def give() -> Any:
        """Give."""
        return returned

    assert give.call({}, CONTEXT) == expected


def test_what_json_cannot_carry_is_a_bug_of_the_tool() -> None:
    @tool
    def give() -> Any:
        """Give."""
        return object()

    with pytest.raises(TypeError) as refused:
        give.call({}, CONTEXT)
    assert str(refused.value) == (
        "tool 'give' returned a object that JSON cannot carry: Encoding objects of type object is unsupported"
    )


def test_value_and_text_of_a_result() -> None:
    assert ToolResult(parts=(TextPart("a"), DataPart(3), TextPart("b"))).text == "a\nb"
    assert ToolResult(parts=(TextPart("a"), DataPart(3))).value == 3
    assert ToolResult(parts=(TextPart("a"),)).value == "a"
    assert ToolResult(parts=(DataPart([1]),)).text == "[1]"
    assert ToolResult(parts=(DataPart("x"),)).text == "x"
    assert ToolResult(parts=(BlobPart(blob="0", media_type="image/png", size=1),)).text == ""


class Opaque: ...


class Counter:
    def count(self, number: int) -> int:
        """Count."""
        return number


def refused_with(function: Any) -> str:
    with pytest.raises(InvalidTool) as refused:
        tool(function)
    return str(refused.value).removeprefix(f"function '{function.__qualname__}' cannot become a tool: ")


def test_each_unusable_function_is_refused_with_a_sentence() -> None:
    def undocumented(number: int) -> None: ...

    def starred(*numbers: int) -> None:
        """Star."""

    def keyworded(**numbers: int) -> None:
        """Star."""

    def positional(number: int, /) -> None:
        """Take."""

    def untyped(number) -> None:  # type: ignore[no-untyped-def]
        """Take."""

    def opaque(thing: Opaque) -> None:
        """Take."""

    def ambiguous(thing: Condition | Folder) -> None:
        """Take."""

    def typechecked(thing: "Unimported[str, str]") -> None:
        """Take."""

    def misdocumented(number: int) -> None:
        """Take.

        Args:
            nummer: A number.
        """

    assert refused_with(undocumented) == "it has no docstring. Its first line tells planners what the tool does."
    assert refused_with(starred) == "'*numbers' has no schema. Name each argument, or take a dict."
    assert refused_with(keyworded) == "'**numbers' has no schema. Name each argument, or take a dict."
    assert refused_with(positional) == "argument 'number' is positional-only. Remove the '/'."
    assert refused_with(untyped) == "argument 'number' has no type annotation."
    assert refused_with(opaque).startswith("argument 'thing' has a type that JSON cannot carry: type <class ")
    assert refused_with(ambiguous).startswith(
        "argument 'thing' has a type that JSON cannot carry: If a type union contains"
    )
    assert refused_with(typechecked) == (
        "its annotations use 'Unimported', which is not known at run time. "
        "Import it at the top of the module, outside `if TYPE_CHECKING`."
    )
    assert refused_with(misdocumented) == "its docstring describes an argument 'nummer' that it does not have."
    assert refused_with(Counter.count) == "it is a method. Decorate the bound method: `tool(instance.method)`."


def test_a_bound_method_becomes_a_tool() -> None:
    assert tool(Counter().count).call({"number": 3}, CONTEXT).value == 3


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*select.spec.parameters["properties"], "ctx", "x"]), json_values))
def test_no_arguments_break_a_tool(arguments: dict[str, Any]) -> None:
    try:
        returned = select.call(arguments, CONTEXT)
    except InvalidArguments as refused:
        assert refused.path.startswith("$")  # noqa: PT017
        assert refused.reason  # noqa: PT017
    else:
        assert msgspec.json.encode(returned)


conditions = st.fixed_dictionaries(
    {"column": st.text()},
    optional={
        "op": st.sampled_from(["=", "<", "in"]),
        "value": st.text() | st.booleans() | st.floats(-1e9, 1e9) | st.lists(st.text()),
    },
)  # fmt: skip
rows = st.fixed_dictionaries(
    {"path": st.text()},
    optional={
        "columns": st.lists(st.text()),
        "where": st.lists(conditions),
        "to": st.none() | st.text(),
        "limit": st.integers(0, 2**53),
    },
)  # fmt: skip


@given(rows)
def test_arguments_that_fit_the_schema_are_taken_unchanged(arguments: dict[str, Any]) -> None:
    assert jsonschema.Draft202012Validator(select.spec.parameters).is_valid(arguments)
    read = select.parameters.read(arguments, "select")
    again = {name: msgspec.to_builtins(read[name]) for name in arguments if name != "where"}
    assert again == {name: value for name, value in arguments.items() if name != "where"}
    assert [c.column for c in read["where"]] == [c["column"] for c in arguments.get("where", [])]
