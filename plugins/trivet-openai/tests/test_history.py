"""What was sent once is not encoded again."""

from typing import Any

from trivet_openai.history import Histories
from trivet_openai.offered_tools import ToolLists
from trivet_sdk import GenerateRequest, Message, ToolSpec, collect
from trivet_sdk.message import user


def test_two_hundred_turns_cost_two_hundred_encodings() -> None:
    seen: list[Message] = []

    def encode(message: Message) -> bytes:
        seen.append(message)
        return message.text.encode()

    histories = Histories(encode)
    messages: tuple[Message, ...] = ()
    for turn in range(200):
        messages = (*messages, user(str(turn)))
        assert histories.encoded("run", "plan", messages) == [m.text.encode() for m in messages]
    assert len(seen) == 200


def test_a_changed_history_is_encoded_from_where_it_changed() -> None:
    histories = Histories(lambda message: message.text.encode())
    one, two, three = user("1"), user("2"), user("3")
    assert histories.encoded("r", "", (one, two, three)) == [b"1", b"2", b"3"]
    assert histories.encoded("r", "", (one, three)) == [b"1", b"3"]
    assert histories.encoded("r", "", (three,)) == [b"3"]
    assert histories.size == 1


def test_runs_that_are_over_are_forgotten() -> None:
    histories = Histories(lambda message: message.text.encode(), capacity=250)
    for run in range(10):
        histories.encoded(str(run), "", (user("x" * 100),))
    assert histories.size == 200
    assert histories.encoded("", "", (user("y"),)) == [b"y"]


def test_a_list_of_tools_is_encoded_once() -> None:
    spec = ToolSpec(name="a.b", summary="s", parameters={})
    lists = ToolLists()
    assert lists.offered((spec,)) is lists.offered((spec,))
    assert lists.offered((spec,)).name("a-b") == "a.b"
    assert lists.offered((spec,)).name("a.b") == "a.b"
    assert lists.offered((spec,)).name("nothing-known") == "nothing.known"


async def test_the_wire_sees_no_difference(endpoint: Any) -> None:
    endpoint.says(endpoint.text("1"), endpoint.text("2"), endpoint.text("2"))
    model = await endpoint.opened()
    history = (user("a"), user("b"))
    await collect(model.generate(GenerateRequest(messages=history[:1], run="r")))
    await collect(model.generate(GenerateRequest(messages=history, run="r")))
    await collect(model.generate(GenerateRequest(messages=history)))
    assert endpoint.raw[1] == endpoint.raw[2]
