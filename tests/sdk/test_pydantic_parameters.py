"""A pydantic model as a parameter, where pydantic is installed."""

from typing import Any

import pytest
from pydantic import BaseModel, Field

from trivet_sdk import InvalidArguments, Workspace, tool
from trivet_sdk.testing import StandaloneCall


class Reading(BaseModel):
    """One measurement."""

    sensor: str
    celsius: float = Field(default=0.0, ge=-273.15)
    near: list["Reading"] = []


FIRST = Reading(sensor="a")


@tool(effect="pure")
def record(
    reading: Reading, more: tuple[Reading, ...] = (), last: Reading | None = None, first: Reading = FIRST
) -> Any:
    """Record readings."""
    assert isinstance(reading, Reading)
    return {"first": first.sensor, "warmest": max(r.celsius for r in [reading, *more]), "last": last and last.sensor}


@tool(effect="pure")
def example() -> Reading:
    """Give one."""
    return Reading(sensor="b", celsius=3)


CONTEXT = StandaloneCall(Workspace(__import__("pathlib").Path()))


def test_its_schema_is_pydantics() -> None:
    properties = record.spec.parameters["properties"]
    reading = record.spec.parameters["$defs"]["Reading"]
    assert properties["reading"] == {"$ref": "#/$defs/Reading"}
    assert properties["more"] == {"type": "array", "items": {"$ref": "#/$defs/Reading"}, "default": []}
    assert properties["first"]["default"] == {"sensor": "a", "celsius": 0.0, "near": []}
    assert reading["properties"]["celsius"] == {"type": "number", "minimum": -273.15, "default": 0.0}
    assert record.spec.parameters["required"] == ["reading"]


def test_arguments_arrive_as_models() -> None:
    arguments = {
        "reading": {"sensor": "x", "celsius": "4.5"},
        "more": [{"sensor": "y", "celsius": 7}],
        "last": {"sensor": "z"},
    }
    assert record.call(arguments, CONTEXT).value == {"first": "a", "warmest": 7.0, "last": "z"}
    assert record.call({"reading": {"sensor": "x"}, "last": None}, CONTEXT).value["last"] is None


def test_misfits_are_sentences() -> None:
    with pytest.raises(InvalidArguments) as refused:
        record.call({"reading": {"sensor": "x"}, "more": [{"sensor": "y", "celsius": -300}]}, CONTEXT)
    assert str(refused.value) == (
        "tool 'record' cannot take these arguments at $.more[0].celsius: "
        "Input should be greater than or equal to -273.15"
    )  # fmt: skip


def test_a_model_can_be_returned() -> None:
    assert example.call({}, CONTEXT).value == {"sensor": "b", "celsius": 3.0, "near": []}
