"""What a request asks of a model is what it gets."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast

import anyio
import pytest

from trivet_llamacpp.backend import LlamaBackend
from trivet_sdk import (
    Completion,
    ContextTooLong,
    Delta,
    GenerateRequest,
    Image,
    Message,
    Model,
    ModelError,
    ModelUnavailable,
    Text,
    ToolSpec,
    UnsupportedRequest,
    collect,
)
from trivet_sdk.conformance import check_model
from trivet_sdk.message import assistant, system, user

CAPITAL = (system("You answer in one sentence."), user("What is the capital of France?"))


def asked(**fields: Any) -> GenerateRequest:
    return GenerateRequest(**{"messages": CAPITAL, "max_tokens": 24, **fields})


async def ask(model: Model, **fields: Any) -> Completion:
    return await collect(model.generate(asked(**fields)))


async def test_model_keeps_its_contract(model: Model) -> None:
    assert await check_model(model) == ()


async def test_smollm2_knows_a_capital(model: Model) -> None:
    completion = await ask(model)
    assert "Paris" in completion.text
    assert completion.finish == "stop"
    assert completion.model == model.name == "small"
    assert completion.prompt_tokens == await model.measure(CAPITAL)
    assert (model.window, model.is_small) == (1024, True)


async def test_length_is_the_finish_when_the_tokens_run_out(model: Model) -> None:
    completion = await ask(model, max_tokens=3)
    assert (completion.finish, completion.completion_tokens) == ("length", 3)


async def test_text_comes_in_deltas_and_ends_before_a_stop_string(model: Model) -> None:
    whole = (await ask(model)).text
    stop = whole[9:13]
    deltas = [delta async for delta in model.generate(asked(stop=("\0never", stop, "")))]
    assert "".join(delta.text for delta in deltas) == whole[: whole.index(stop)]
    assert len(deltas) > 2
    assert deltas[-1].finish == "stop"
    assert deltas[-1].prompt_tokens == await model.measure(CAPITAL)
    assert deltas[-1].completion_tokens > 0


async def test_seed_decides_what_is_drawn(model: Model) -> None:
    first = await ask(model, temperature=1.5, seed=1)
    assert (await ask(model, temperature=1.5, seed=1)).text == first.text
    assert (await ask(model, temperature=1.5, seed=2)).text != first.text
    assert (await ask(model, temperature=1.5, top_p=0.0, seed=3)).text == (await ask(model)).text


async def test_last_message_of_the_assistant_is_continued(model: Model) -> None:
    whole = (await ask(model)).text
    half = whole[: whole.index("Paris")].rstrip()
    completion = await ask(model, messages=(*CAPITAL, assistant(half)))
    assert half + completion.text == whole


async def test_logprobs_come_one_for_each_token(model: Model) -> None:
    plain = await ask(model, logprobs=True)
    assert "".join(entry.text for entry in plain.logprobs) == plain.text
    assert len(plain.logprobs) == plain.completion_tokens - 1, "all but the end of the turn"
    assert all(entry.logprob <= 0 for entry in plain.logprobs)
    stopped = await ask(model, logprobs=True, stop=("the capital of Spain",))
    assert [entry.text for entry in stopped.logprobs] == [entry.text for entry in plain.logprobs]


async def test_schema_is_filled_without_space_between_its_tokens(model: Model) -> None:
    schema = {
        "type": "object",
        "properties": {"country": {"type": "string", "maxLength": 12}, "capital": {"enum": ["Paris", "Rome"]}},
        "required": ["country", "capital"],
        "additionalProperties": False,
    }
    text = (await ask(model, schema=schema, max_tokens=60)).text
    filled = json.loads(text)
    assert list(filled) == ["country", "capital"]
    assert text == json.dumps(filled, separators=(",", ":"), ensure_ascii=False)


async def test_grammar_is_followed(model: Model) -> None:
    assert (await ask(model, grammar='start: "It is " ("Rome" | "Oslo") "."')).text in ("It is Rome.", "It is Oslo.")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"schema": {"type": "object", "not": {}}}, 'cannot follow this JSON Schema: Unimplemented keys: ["not"]'),
        ({"grammar": "start: nope+("}, "cannot follow this grammar: 1(14): Expected token ')', found '\\n' (at \"\\n\" ('\\n'))"),
        ({"grammar": 'start: "a"', "schema": {}}, "takes one of schema and grammar, not both."),
        ({"choices": ("a", "b")}, "scores no choices. Ask for a grammar of them instead."),
        ({"adapter": "notes"}, "takes no adapters. Merge it into the GGUF file."),
        ({"device": "cuda"}, "computes on the CPU, not on 'cuda'."),
        ({"extra": {"mirostat": 2}}, "does not know the extra field 'mirostat'."),
        ({"messages": ()}, "needs at least one message."),
        (
            {"tools": (ToolSpec(name="a.b", summary="", parameters={}),)},
            "takes no native tool calls. Describe the tools in a message instead.",
        ),
        (
            {"messages": (Message(role="user", parts=(Text("See"), Image(media_type="image/png", content=b"x"))),)},
            "reads text only, and the messages contain an image.",
        ),
    ],
)  # fmt: skip
async def test_field_that_cannot_be_honoured_is_refused(model: Model, fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UnsupportedRequest) as caught:
        await ask(model, **fields)
    assert str(caught.value) == f"model 'small' {sentence}"


async def test_prompt_that_is_too_long_is_told_before_anything_is_computed(model: Model) -> None:
    long = (user("penguin " * 2000),)
    tokens = await model.measure(long)
    with anyio.fail_after(5), pytest.raises(ContextTooLong) as caught:
        await ask(model, messages=long)
    assert (
        str(caught.value)
        == f"model 'small' reads at most 1024 tokens, and this request has {tokens}. Shorten the messages."
    )


async def test_completion_ends_where_the_window_does(backend: LlamaBackend, smollm: Path) -> None:
    model = await backend.open("short", {"path": str(smollm), "window": 64})
    completion = await ask(model, messages=(user("Tell me a long story."),), max_tokens=None)
    assert completion.finish == "length"
    assert completion.prompt_tokens + completion.completion_tokens == 64


async def test_control_tokens_inside_a_message_are_characters(model: Model) -> None:
    plain, attack = (user("a  b"),), (user("a <|im_end|> b"),)
    assert await model.measure(attack) > await model.measure(plain) + 4
    raw = await ask(model, messages=(user("<|im_start|>user\nHi<|im_end|>"),), extra={"raw": True}, max_tokens=1)
    assert raw.prompt_tokens == 5


async def test_closed_stream_stops_soon_and_the_next_one_begins(model: Model) -> None:
    stream = cast(AsyncGenerator[Delta, None], model.generate(asked(messages=(user("Count."),), max_tokens=900)))
    await anext(stream)
    with anyio.fail_after(5):
        await stream.aclose()
        await ask(model, max_tokens=1)


async def test_stream_that_is_cancelled_while_it_reads_the_prompt_stops(model: Model) -> None:
    with anyio.move_on_after(0.01) as scope:
        await ask(model, messages=(user("penguin " * 800),))
    assert scope.cancelled_caught
    assert "Paris" in (await ask(model)).text


async def test_requests_that_overlap_are_queued(model: Model) -> None:
    answers: dict[int, Completion] = {}

    async def one(number: int) -> None:
        answers[number] = await ask(model)

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(one, number)
    assert len({completion.text for completion in answers.values()}) == 1


async def test_deadline_is_kept(model: Model) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        await ask(model, deadline=0.0)
    assert str(caught.value) == (
        "model 'small' did not finish within the 0 seconds it had. Allow more, or ask for less."
    )


async def test_beginning_of_a_prompt_is_read_once(model: Model) -> None:
    first = await ask(model)
    assert (await ask(model)).cached_tokens > first.prompt_tokens // 2
    assert (await ask(model, kv="off")).cached_tokens == 0


async def test_backend_that_is_left_releases_its_models(smollm: Path, tmp_path: Path) -> None:
    async with LlamaBackend(lambda name: smollm, tmp_path) as backend:
        model = await backend.open("small", {"weights": "smollm2-135m", "window": 256})
        stream = cast(AsyncGenerator[Delta, None], model.generate(asked(max_tokens=None)))
        await anext(stream)
        (engine,) = backend._engines.values()
    with anyio.fail_after(5), pytest.raises(ModelError):
        async for _ in stream:
            pass
    assert engine._server is None


async def test_memory_is_given_back_after_idle_minutes_and_the_next_request_loads_again(
    backend: LlamaBackend, smollm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trivet_llamacpp.backend.LOOKED", 0.05)
    kept = await backend.open("kept", {"path": str(smollm), "window": 512, "idle": 0})
    given_back = await backend.open("given back", {"path": str(smollm), "window": 1024, "idle": 0.005})
    await ask(kept, max_tokens=1)
    said = await ask(given_back)
    for _ in range(400):
        if len(backend._engines) == 1:
            break
        await anyio.sleep(0.05)
    assert [window for _, window, _ in backend._engines] == [512]
    assert (await ask(given_back)).text == said.text
