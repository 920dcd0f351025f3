"""The scripted model keeps the contract of models."""

import pytest

from trivet_sdk import GenerateRequest, Model, ModelBackend, ModelUnavailable, ToolUse, collect
from trivet_sdk.message import user
from trivet_sdk.testing import ScriptedModel

HELLO = GenerateRequest(messages=(user("hello there"),))


def test_it_is_a_model_and_a_backend() -> None:
    assert isinstance(ScriptedModel(), Model)
    assert isinstance(ScriptedModel(), ModelBackend)


async def test_it_says_its_lines_in_order() -> None:
    use = ToolUse(id="c1", tool="files.list", arguments={})
    model = ScriptedModel("Hi  you.\n", ["Look:", use], lambda request: f"{len(request.messages)}")
    first = await collect(model.generate(HELLO))
    assert (first.text, first.finish, first.prompt_tokens, first.completion_tokens) == ("Hi  you.\n", "stop", 2, 3)
    second = await collect(model.generate(HELLO))
    assert (second.text, second.tool_calls, second.finish) == ("Look:", (use,), "tool_calls")
    assert (await collect(model.generate(HELLO))).text == "1"
    assert model.requests == [HELLO] * 3


async def test_it_streams_words() -> None:
    model = ScriptedModel("one two")
    assert [delta.text async for delta in model.generate(HELLO)] == ["one", " two", ""]


async def test_it_raises_exceptions() -> None:
    with pytest.raises(ModelUnavailable, match="is off"):
        await collect(ScriptedModel(ModelUnavailable("m", "is off")).generate(HELLO))


async def test_stop_strings_and_limits_hold() -> None:
    request = GenerateRequest(messages=(), stop=("END",), max_tokens=3)
    model = ScriptedModel("a b END c", "a b c d")
    assert (await collect(model.generate(request))).text == "a b "
    cut = await collect(model.generate(request))
    assert (cut.text, cut.finish) == ("a b c", "length")


async def test_choices_are_scored() -> None:
    completion = await collect(ScriptedModel("no").generate(GenerateRequest(messages=(), choices=("yes", "no"))))
    assert (completion.text, completion.scores) == ("no", (-10.0, 0.0))


async def test_a_script_that_is_too_short_says_so() -> None:
    with pytest.raises(AssertionError) as failed:
        await collect(ScriptedModel().generate(HELLO))
    assert str(failed.value).startswith("the script has 0 lines, and this is request 1: GenerateRequest(")
    forever = ScriptedModel("a", "b", repeats=True)
    assert [(await collect(forever.generate(HELLO))).text for _ in range(3)] == ["a", "b", "b"]
