"""Completions over a real socket: text, calls, schemas, odd servers."""

import asyncio
import json
from typing import Any

import anyio
import pytest

import trivet_openai
from trivet_openai.event_stream import EventStream
from trivet_sdk import (
    Delta,
    GenerateRequest,
    Message,
    ModelError,
    ToolSpec,
    UnreadableAnswer,
    UnsupportedRequest,
    collect,
)
from trivet_sdk.message import Image, Text, ToolAnswer, ToolUse, assistant, system, user
from trivet_sdk.testing import activated

ADD = ToolSpec(
    name="calculate.evaluate",
    summary="Work out an expression",
    parameters={"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]},
)
PICTURE = Message("user", (Image(media_type="image/png", content=b"x"),))
ASKED = GenerateRequest(messages=(system("Be brief."), user("Hello")))


def fragment(
    index: int | None, id: str | None = None, name: str | None = None, arguments: Any = None
) -> dict[str, Any]:
    return {"tool_calls": [{"index": index, "id": id, "function": {"name": name, "arguments": arguments}}]}


async def test_text_streams_word_by_word_and_ends_with_usage(endpoint: Any) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
    endpoint.says(
        endpoint.stream(
            endpoint.chunk(role="assistant", content=None),
            endpoint.chunk(content="Good"),
            endpoint.chunk(content=" day"),
            endpoint.chunk("stop"),
            {"model": "served", "choices": [], "usage": usage},
        )
    )
    model = await endpoint.opened()
    deltas = [delta async for delta in model.generate(ASKED)]
    assert [delta.text for delta in deltas] == ["Good", " day", ""]
    assert deltas[-1] == Delta(finish="stop", prompt_tokens=7, cached_tokens=4, completion_tokens=2, model="served")
    assert endpoint.bodies == [
        {
            "model": "qwen",
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
            "temperature": 0.0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]


async def test_native_calls_are_gathered_from_fragments(endpoint: Any) -> None:
    endpoint.says(
        endpoint.stream(
            endpoint.chunk(content="Let me see. "),
            endpoint.chunk(**fragment(0, "c1", "calculate-evaluate", "")),
            endpoint.chunk(**fragment(0, arguments='{"expression": ')),
            endpoint.chunk(**fragment(1, "c2", "calculate-evaluate", '{"expression":"2"}')),
            endpoint.chunk(**fragment(0, arguments='"1 + 1"}')),
            endpoint.chunk("tool_calls"),
        )
    )
    model = await endpoint.opened()
    completion = await collect(model.generate(GenerateRequest(messages=(user("1 + 1?"),), tools=(ADD,))))
    assert completion.text == "Let me see. "
    assert completion.finish == "tool_calls"
    assert completion.tool_calls == (
        ToolUse(id="c1", tool="calculate.evaluate", arguments={"expression": "1 + 1"}),
        ToolUse(id="c2", tool="calculate.evaluate", arguments={"expression": "2"}),
    )
    function = endpoint.bodies[0]["tools"][0]["function"]
    assert function == {
        "name": "calculate-evaluate",
        "description": "Work out an expression",
        "parameters": ADD.parameters,
    }


@pytest.mark.parametrize(
    "fragments",
    [
        [fragment(None, "a", "f", "{}"), fragment(None, "b", "f", "{}")],
        [fragment(0, "a", "f", "{}"), fragment(0, "b", "f", "{}")],
        [fragment(None, None, "f", "{}"), fragment(None, None, "f", "{}")],
        [
            fragment(None, "a", "f", None),
            fragment(None, None, None, "{"),
            fragment(None, None, None, "}"),
            fragment(None, "b", "f"),
        ],
        [fragment(0, "same", "f", {}), fragment(1, "same", "f", {})],
        [fragment(0, "a", "f", "null"), fragment(1, "b", "f", '"{}"')],
    ],
    ids=["no index", "one index", "no index, no id", "continued without index", "one id, objects", "null and double"],
)
async def test_two_calls_are_two_calls_however_a_server_sends_them(endpoint: Any, fragments: list[Any]) -> None:
    endpoint.says(endpoint.stream(*(endpoint.chunk(**each) for each in fragments), endpoint.chunk("stop")))
    model = await endpoint.opened()
    completion = await collect(model.generate(ASKED))
    assert [(call.tool, call.arguments) for call in completion.tool_calls] == [("f", {}), ("f", {})]
    assert len({call.id for call in completion.tool_calls}) == 2
    assert completion.finish == "tool_calls"


async def test_line_ends_inside_arguments_are_kept(endpoint: Any) -> None:
    endpoint.says(endpoint.stream(endpoint.chunk(**fragment(0, "a", "f", '{"text": "one\ntwo"}'))))
    completion = await collect((await endpoint.opened()).generate(ASKED))
    assert completion.tool_calls[0].arguments == {"text": "one\ntwo"}


async def test_arguments_that_are_no_json_are_the_models_fault_and_say_so(endpoint: Any) -> None:
    endpoint.says(endpoint.stream(endpoint.chunk(**fragment(0, "a", "calculate-evaluate", '{"expression": '))))
    model = await endpoint.opened()
    with pytest.raises(UnreadableAnswer) as caught:
        await collect(model.generate(GenerateRequest(messages=(user("1"),), tools=(ADD,))))
    assert str(caught.value) == (
        "model 'big' called 'calculate.evaluate' with arguments that are not a JSON object: {\"expression\": "
    )


async def test_history_goes_out_as_calls_and_answers(endpoint: Any) -> None:
    endpoint.says(endpoint.text("2"))
    model = await endpoint.opened()
    history = (
        user("1 + 1? 一加一"),
        Message(
            "assistant", (Text("So: "), ToolUse(id="c1", tool="calculate.evaluate", arguments={"expression": "1+1"}))
        ),
        Message("tool", (ToolAnswer(id="c1", text="2"), ToolAnswer(id="c2", text="failed", is_error=True))),
        assistant("\udcff"),
    )
    await collect(model.generate(GenerateRequest(messages=history)))
    assert endpoint.bodies[0]["messages"] == [
        {"role": "user", "content": "1 + 1? 一加一"},
        {
            "role": "assistant",
            "content": "So: ",
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "calculate-evaluate", "arguments": '{"expression":"1+1"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "2"},
        {"role": "tool", "tool_call_id": "c2", "content": "failed"},
        {"role": "assistant", "content": "?"},
    ]


async def test_every_field_of_the_request_arrives(endpoint: Any) -> None:
    endpoint.says(endpoint.text("{}"))
    model = await endpoint.opened(
        rename={"max_tokens": "max_completion_tokens"}, omit=["temperature"], extra={"user": "me"}
    )
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    request = GenerateRequest(
        messages=(user("x"),),
        schema=schema,
        seed=7,
        top_p=0.5,
        max_tokens=9,
        stop=("END",),
        logprobs=True,
        extra={"n": 1},
    )
    await collect(model.generate(request))
    body = endpoint.bodies[0]
    del body["messages"], body["stream"], body["stream_options"]
    assert body == {
        "model": "qwen",
        "top_p": 0.5,
        "max_completion_tokens": 9,
        "stop": ["END"],
        "seed": 7,
        "logprobs": True,
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}},
        "user": "me",
        "n": 1,
    }


async def test_logprobs_and_pictures(endpoint: Any) -> None:
    token = {"token": "Yes", "logprob": -0.25}
    said = {**endpoint.chunk(content="Yes"), "choices": [
        {"delta": {"content": "Yes"}, "logprobs": {"content": [token]}, "finish_reason": "stop"}
    ]}  # fmt: skip
    endpoint.says(endpoint.stream(said))
    model = await endpoint.opened(features=["images", "logprobs"])
    message = Message("user", (Text("A cat?"), Image(media_type="image/png", content=b"\x89PNG")))
    completion = await collect(model.generate(GenerateRequest(messages=(message,), logprobs=True)))
    assert [(each.text, each.logprob) for each in completion.logprobs] == [("Yes", -0.25)]
    assert endpoint.bodies[0]["messages"][0]["content"] == [
        {"type": "text", "text": "A cat?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
    ]


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
async def test_a_server_that_does_not_stream_is_understood(endpoint: Any, kind: str) -> None:
    choice = {"message": {"content": [{"type": "text", "text": "Hi"}], "tool_calls": None}, "finish_reason": "length"}
    endpoint.says(endpoint.whole({"choices": [choice], "usage": None}, kind=kind))
    model = await endpoint.opened(stream=False)
    completion = await collect(model.generate(ASKED))
    assert (completion.text, completion.finish, completion.prompt_tokens) == ("Hi", "length", 0)
    assert "stream" not in endpoint.bodies[0]


async def test_a_stream_may_be_sloppy(endpoint: Any) -> None:
    """Comments, other line ends, no space after the colon, no event before the end, a name that is no stream's."""
    text = json.dumps(endpoint.chunk(content="Hi"))
    endpoint.says(
        endpoint.stream(b": ping\r\n\r\n", f"event: x\r\ndata:{text}\r\n\r\n".encode(), b"data: [DONE]", done=False),
        endpoint.whole(f"data: {text}\n\ndata: [DONE]\n\n".encode(), kind="text/plain"),
    )
    model = await endpoint.opened()
    assert (await collect(model.generate(ASKED))).text == "Hi"
    assert (await collect(model.generate(ASKED))).text == "Hi"


async def test_a_stream_that_ends_without_done_is_whole_if_the_model_finished(endpoint: Any) -> None:
    endpoint.says(endpoint.stream(endpoint.chunk("stop", content="Hi"), done=False))
    assert (await collect((await endpoint.opened()).generate(ASKED))).text == "Hi"


def test_events_may_be_cut_anywhere() -> None:
    content = 'data: {"a": "é"}\r\n\r\ndata: 1\ndata: 2\n\n'.encode()
    for place in range(len(content)):
        stream = EventStream()
        events = stream.feed(content[:place]) + stream.feed(content[place:]) + stream.end()
        assert events == ['{"a": "é"}'.encode(), b"1\n2"]


async def test_closing_the_iterator_aborts_the_request(endpoint: Any) -> None:
    endpoint.says(endpoint.stream(endpoint.chunk(content="Once"), hold=True))
    deltas = (await endpoint.opened()).generate(ASKED)
    assert (await anext(deltas)).text == "Once"
    await deltas.aclose()
    async with asyncio.timeout(5):
        await endpoint.aborted.wait()


async def test_a_cancelled_request_is_aborted(endpoint: Any) -> None:
    endpoint.says(endpoint.stream(endpoint.chunk(content="Once"), hold=True))
    model = await endpoint.opened()
    heard = anyio.Event()

    async def listen() -> None:
        async for _ in model.generate(ASKED):
            heard.set()

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            await heard.wait()
            tasks.cancel_scope.cancel()
        await endpoint.aborted.wait()


async def test_a_very_long_history_goes_out_whole(endpoint: Any) -> None:
    endpoint.says(endpoint.whole({"error": "busy"}, 503), endpoint.text("Hi"))
    model = await endpoint.opened()
    await collect(model.generate(GenerateRequest(messages=(user("x" * 1_500_000),))))
    assert [len(body["messages"][0]["content"]) for body in endpoint.bodies] == [1_500_000, 1_500_000]


async def test_one_connection_serves_all_models_one_after_the_other(endpoint: Any) -> None:
    endpoint.says(*(endpoint.text("Hi") for _ in range(5)))
    for _ in range(5):
        await collect((await endpoint.opened()).generate(ASKED))
    assert endpoint.connections == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"grammar": "start: x"}, "is behind an endpoint, and endpoints take no grammar. Use a local model for it."),
        ({"kv": "off"}, "is behind an endpoint, which decides for itself what it keeps of a prompt (kv = off)."),
        ({"messages": (PICTURE,)}, "was asked for images, which its settings say it cannot do."),
        ({"tools": (ADD,), "schema": {}}, "was asked for tools, which its settings say it cannot do."),
    ],
)  # fmt: skip
async def test_what_cannot_be_honoured_is_refused(endpoint: Any, fields: Any, sentence: str) -> None:
    model = await endpoint.opened(features=["schema"])
    with pytest.raises(UnsupportedRequest) as caught:
        await collect(model.generate(GenerateRequest(**{"messages": (), **fields})))
    assert str(caught.value) == f"model 'big' {sentence}"


async def test_measure_is_a_little_too_high(endpoint: Any) -> None:
    model = await endpoint.opened(window=4096, small=True)
    assert (model.name, model.window, model.is_small) == ("big", 4096, True)
    assert model.features == {"tools", "schema", "logprobs", "seed"}
    words = "The quick brown fox jumps over the lazy dog. " * 20  # 10 tokens a sentence
    assert 200 <= await model.measure((user(words),)) <= 400


async def test_the_key_and_headers_travel_by_reference(endpoint: Any) -> None:
    endpoint.says(endpoint.text("Hi"))
    model = await endpoint.opened(api_key="env:KEY", headers={"X-Title": "trivet", "X-Token": "env:KEY"})
    await collect(model.generate(ASKED))
    headers = endpoint.headers[0]
    assert (headers["authorization"], headers["x-title"], headers["x-token"]) == (
        "Bearer sk-secret",
        "trivet",
        "sk-secret",
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"base_url": ""}, 'has no endpoint. Set `models.big.base_url`, like "http://127.0.0.1:8000/v1".'),
        ({"base_url": "localhost:8000"}, "has 'localhost:8000' for a base_url; an endpoint is written like http://127.0.0.1:8000/v1."),
        ({"windw": 1}, "has a definition that cannot be used: Object contains unknown field `windw`"),
        ({"retries": "x"}, "has a definition that cannot be used: Expected `int`, got `str` - at `$.retries`"),
        ({"api_key": "env:NO"}, "has no key: the secret 'env:NO' cannot be read: the environment variable NO is not set."),
        ({"api_key": "sk-1"}, "has its key written into the settings. Put the key into an environment variable and set "
         '`models.big.api_key = "env:NAME"`; leave it out for a server that wants none.'),
    ],
)  # fmt: skip
async def test_an_unusable_definition_says_what_is_wrong(endpoint: Any, settings: Any, sentence: str) -> None:
    with pytest.raises(ModelError) as caught:
        await endpoint.opened(**settings)
    assert str(caught.value) == f"model 'big' {sentence}"


async def test_the_plugin_brings_its_backend(endpoint: Any) -> None:
    endpoint.says(endpoint.text("Hi"))
    async with activated(trivet_openai, secrets={"env:KEY": "k"}) as contributions:
        model = await contributions.models["openai"].open("mine", {"base_url": endpoint.url, "api_key": "env:KEY"})
        assert (await collect(model.generate(ASKED))).text == "Hi"
    assert endpoint.bodies[0]["model"] == "mine"
