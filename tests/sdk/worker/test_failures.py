"""Exceptions between processes: those of the contracts whole, others as bugs, and nothing that a liar makes up does harm."""

from typing import Any

import msgspec
import pytest

from trivet_sdk import (
    ContextTooLong,
    InvalidArguments,
    InvalidManifest,
    InvalidPlan,
    InvalidTool,
    ModelError,
    PlannerAbstained,
    PluginError,
    ToolError,
    TrivetError,
    UnreadableAnswer,
    WeightsMissing,
)
from trivet_sdk import errors as contracts
from trivet_sdk.worker.failures import Failures, RemoteBug
from trivet_sdk.worker.protocol import Problem

EXAMPLES: list[TrivetError] = [
    TrivetError("plain"),
    ToolError("忙", is_transient=True),
    InvalidArguments("t", "is missing", "$.a"),
    InvalidPlan(["one", "two"]),
    InvalidManifest("p", "r"),
    InvalidTool("f", "r"),
    PluginError("p", "r"),
    PlannerAbstained("r", "m"),
    WeightsMissing("w"),
    ModelError("m", "r"),
    *(kind("m", "r") for kind in ModelError.__subclasses__()),
]


class Busy(ToolError):
    """One that only its plugin knows."""

    def __init__(self, queue: int) -> None:
        super().__init__(f"{queue} are waiting", is_transient=True)
        self.queue = queue


def across(error: BaseException) -> BaseException:
    told = msgspec.msgpack.encode(Failures().told(error))
    return Failures().raised(msgspec.msgpack.decode(told, type=Problem))


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_error_of_the_contracts_arrives_whole(error: TrivetError) -> None:
    arrived = across(error)
    assert type(arrived) is type(error)
    assert (str(arrived), arrived.args) == (str(error), error.args)
    public = {name: value for name, value in vars(arrived).items() if not name.startswith("_")}
    assert public == vars(error)


def test_every_error_of_the_contracts_has_an_example() -> None:
    kinds = {kind for kind in vars(contracts).values() if isinstance(kind, type) and issubclass(kind, TrivetError)}
    assert kinds == {type(error) for error in EXAMPLES}
    assert {ContextTooLong, UnreadableAnswer} <= kinds


def test_error_of_a_plugins_own_arrives_as_the_contract_it_derives_from() -> None:
    arrived = across(Busy(3))
    assert isinstance(arrived, ToolError)
    assert (type(arrived).__name__, str(arrived), arrived.is_transient) == ("Busy", "3 are waiting", True)
    assert arrived.queue == 3  # type: ignore[attr-defined]


def test_error_that_comes_home_is_the_very_one_that_left() -> None:
    here, there = Failures(), Failures()
    error = RuntimeError("the host's own")
    assert here.raised(there.told(there.raised(here.told(error)))) is error


def test_single_error_in_a_group_is_told_as_itself() -> None:
    arrived = across(ExceptionGroup("tasks", [ToolError("no")]))
    assert (type(arrived), str(arrived)) == (ToolError, "no")


@pytest.mark.parametrize(
    "fields",
    [{}, {"message": 3}, {"message": "x"}, {"message": "x", "is_transient": True, "__class__": 3, "args": 5}],
)
def test_error_that_is_made_up_is_a_bug_or_an_error_and_never_breaks_its_reader(fields: dict[str, Any]) -> None:
    arrived = Failures().raised(Problem(kind="ToolError", fields=fields, text="t", name="ToolError", origin=1))
    assert isinstance(arrived, ToolError | RemoteBug)
    assert isinstance(str(arrived), str)
    if isinstance(arrived, ToolError):
        assert arrived.is_transient in (True, False)


@pytest.mark.parametrize(
    "name", ["", "KeyboardInterrupt", "UnicodeDecodeError", "print", "no name", "StopIteration", "😀"]
)
def test_bug_of_any_name_can_be_raised(name: str) -> None:
    arrived = Failures().raised(Problem(kind="", text="text", name=name, traceback="there", origin=1))
    assert isinstance(arrived, RemoteBug)
    assert isinstance(arrived, Exception)
    assert str(arrived) == "text"
