"""Every way in which an endpoint fails, and the sentence for it."""

import asyncio
import socket
from datetime import UTC, datetime
from typing import Any

import anyio
import pytest

from trivet_openai.backoff import asked_pause, pause
from trivet_sdk import (
    ContextTooLong,
    GenerateRequest,
    ModelError,
    ModelUnavailable,
    Unauthorized,
    UnknownModel,
    UnsupportedRequest,
    collect,
)
from trivet_sdk.message import user

ASKED = GenerateRequest(messages=(user("Hello"),))


def error(message: str, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "x", "code": code}}


async def fails(endpoint: Any, kind: type[ModelError], sentence: str, **settings: Any) -> None:
    model = await endpoint.opened(**settings)

    async def listen() -> None:
        async for _ in model.generate(ASKED):
            endpoint.heard.set()

    with anyio.fail_after(20), pytest.raises(ModelError) as caught:
        await listen()
    assert str(caught.value) == f"model 'big' {sentence}".replace("URL", endpoint.url)
    assert type(caught.value) is kind


async def test_wrong_key(endpoint: Any) -> None:
    endpoint.says(endpoint.whole(error("Incorrect API key provided: sk-secret."), 401))
    sentence = (
        "is closed to this key: URL answered 401: Incorrect API key provided: …. "
        "Check what `models.big.api_key` refers to."
    )
    await fails(endpoint, Unauthorized, sentence, api_key="env:KEY")


async def test_no_key(endpoint: Any) -> None:
    endpoint.says(endpoint.whole({"error": "Unauthorized"}, 401))
    sentence = (
        "is closed to those without a key: URL answered 401: Unauthorized. "
        'Set `models.big.api_key` to where the key is, like "env:OPENAI_API_KEY".'
    )
    await fails(endpoint, Unauthorized, sentence)


async def test_wrong_model_names_those_there_are(endpoint: Any) -> None:
    endpoint.models = ["qwen3-32b", "qwen3-8b"]
    endpoint.says(endpoint.whole(error("The model `qwen` does not exist.", "model_not_found"), 404))
    sentence = (
        "is not known as 'qwen': URL answered 404: The model `qwen` does not exist. "
        "It has: qwen3-32b, qwen3-8b. Set `models.big.name`."
    )
    await fails(endpoint, UnknownModel, sentence)


async def test_wrong_address(endpoint: Any) -> None:
    endpoint.says(endpoint.whole(b"<html><body><h1>Not Found</h1></body></html>", 404, "text/html"))
    sentence = (
        "is not where it should be: URL/chat/completions answered 404: Not Found. "
        "Check `models.big.base_url`; it usually ends in /v1."
    )
    await fails(endpoint, ModelUnavailable, sentence)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (400, error("The maximum context length is 8 tokens.", "bad"), "400: The maximum context length is 8 tokens"),
        (400, error("Too long.", "context_length_exceeded"), "400: Too long"),
        (
            400,
            {"object": "error", "message": "exceeds the available context size"},
            "400: exceeds the available context size",
        ),
        (413, b"", "413"),
        (500, [{"error": {"message": "prompt is too long: 9 > 8"}}], "500: prompt is too long: 9 > 8"),
    ],
)
async def test_context_too_long(endpoint: Any, status: int, body: Any, told: str) -> None:
    endpoint.says(endpoint.whole(body, status))
    sentence = (
        f"cannot take a request as long as this: URL answered {told}. "
        "Use a model with a larger window, or ask for less at once."
    )
    await fails(endpoint, ContextTooLong, sentence)


async def test_what_the_server_cannot_do(endpoint: Any) -> None:
    told = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
    endpoint.says(endpoint.whole({"detail": [{"msg": told}]}, 400))
    sentence = f"cannot do what was asked: URL answered 400: {told}. Leave that out of `models.big.features`."
    await fails(endpoint, UnsupportedRequest, sentence)


async def test_any_other_refusal_is_quoted(endpoint: Any) -> None:
    endpoint.says(endpoint.whole(error("'temperature' must be 1"), 400))
    await fails(endpoint, ModelError, "did not accept the request: URL answered 400: 'temperature' must be 1.")


async def test_moved(endpoint: Any) -> None:
    endpoint.says(endpoint.whole(b"", 308, location="https://elsewhere.example/v1"))
    sentence = (
        "has moved: URL answered 308, to 'https://elsewhere.example/v1'. Set `models.big.base_url` to the new address."
    )
    await fails(endpoint, ModelUnavailable, sentence)


async def test_nobody_there(endpoint: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        sentence = (
            f"cannot be reached: nothing answers at {url} (connection refused), 3 times in a row. "
            "Is the server running, and is `models.big.base_url` right?"
        )
        await fails(endpoint, ModelUnavailable, sentence, base_url=url)
    assert len(endpoint.pauses) == 2


async def test_asked_too_often_waits_as_long_as_it_is_told_to(endpoint: Any) -> None:
    busy = endpoint.whole(error("Rate limit reached"), 429, retry_after="7")
    endpoint.says(busy, busy, busy)
    sentence = (
        "is asked too often: URL answered 429: Rate limit reached, 3 times in a row. "
        "Wait a little, or use another model."
    )
    await fails(endpoint, ModelUnavailable, sentence, retries=2)
    assert all(7 <= seconds <= 7.7 for seconds in endpoint.pauses)


async def test_no_credit_is_not_tried_again(endpoint: Any) -> None:
    endpoint.says(endpoint.whole(error("You exceeded your current quota.", "insufficient_quota"), 429))
    sentence = "has no credit left: URL answered 429: You exceeded your current quota. Check the account."
    await fails(endpoint, ModelUnavailable, sentence)


async def test_a_busy_server_and_a_lost_connection_are_tried_again_until_it_works(endpoint: Any) -> None:
    endpoint.says(
        endpoint.whole(error("overloaded"), 503),
        endpoint.hang_up(),
        endpoint.whole({"error": {"message": "slow down", "code": 429}}),
        endpoint.stream(cut=True, done=False),
        endpoint.text("Hi"),
    )
    completion = await collect((await endpoint.opened()).generate(ASKED))
    assert completion.text == "Hi"
    assert len(endpoint.raw) == 5
    assert len(set(endpoint.raw)) == 1
    assert [0.25 <= endpoint.pauses[0] <= 0.5, 2 <= endpoint.pauses[3] <= 4] == [True, True]


async def test_a_server_that_stays_in_trouble(endpoint: Any) -> None:
    endpoint.says(*(endpoint.whole(error("no GPU left"), 500) for _ in range(2)))
    sentence = "is in trouble: URL answered 500: no GPU left, 2 times in a row. Try again later, or use another model."
    await fails(endpoint, ModelUnavailable, sentence, retries=1)


async def test_a_connection_that_is_always_lost(endpoint: Any) -> None:
    endpoint.says(endpoint.hang_up(), endpoint.hang_up())
    sentence = "broke off: the connection to URL was lost before an answer came, 2 times in a row. Try again later."
    await fails(endpoint, ModelUnavailable, sentence, retries=1)


async def test_no_json(endpoint: Any) -> None:
    content = b"<!DOCTYPE html>\n<title>Router</title> Please log in to this hotel's network, dear guest"
    endpoint.says(endpoint.whole(content, kind="text/html"))
    sentence = (
        "did not get a chat completion from URL, but '<!DOCTYPE html> <title>Router</title> Please log in to this …'. "
        "Check `models.big.base_url`; it usually ends in /v1."
    )
    await fails(endpoint, ModelError, sentence)


async def test_json_that_is_no_completion(endpoint: Any) -> None:
    endpoint.says(endpoint.whole({}))
    sentence = "did not get a chat completion from URL, but '{}'. Check `models.big.base_url`; it usually ends in /v1."
    await fails(endpoint, ModelError, sentence)


async def test_a_stream_cut_in_the_middle_is_not_repeated_in_silence(endpoint: Any) -> None:
    said = endpoint.chunk(content="The heaviest")
    endpoint.says(endpoint.stream(said, b": more\n\n", done=False, cut=True, gate=endpoint.heard))
    sentence = "stopped in the middle of an answer, after 12 characters: the connection to URL was lost. Try again."
    await fails(endpoint, ModelError, sentence)


async def test_a_connection_lost_after_the_last_word_is_no_failure(endpoint: Any) -> None:
    endpoint.says(endpoint.stream(endpoint.chunk("stop", content="Hi"), cut=True))
    assert (await collect((await endpoint.opened()).generate(ASKED))).text == "Hi"


async def test_a_stream_that_just_ends_is_cut_too(endpoint: Any) -> None:
    endpoint.says(endpoint.stream(endpoint.chunk(content="The heaviest"), done=False))
    sentence = "stopped in the middle of an answer, after 12 characters: the connection to URL was lost. Try again."
    await fails(endpoint, ModelError, sentence)


async def test_an_error_inside_the_stream(endpoint: Any) -> None:
    endpoint.says(endpoint.stream(endpoint.chunk(content="The"), error("CUDA out of memory"), gate=endpoint.heard))
    sentence = "stopped in the middle of an answer, after 3 characters: URL said 'CUDA out of memory'. Try again."
    await fails(endpoint, ModelError, sentence)


async def test_an_error_as_the_first_event_is_what_its_code_says(endpoint: Any) -> None:
    endpoint.says(endpoint.stream({"error": {"message": "No such key", "code": 401}}))
    sentence = (
        "is closed to those without a key: URL answered 401: No such key. "
        'Set `models.big.api_key` to where the key is, like "env:OPENAI_API_KEY".'
    )
    await fails(endpoint, Unauthorized, sentence)


async def test_a_withheld_answer(endpoint: Any) -> None:
    endpoint.says(endpoint.stream(endpoint.chunk("content_filter")))
    sentence = "gave no answer: URL withheld it by its content filter. Say it in other words, or use another model."
    await fails(endpoint, ModelError, sentence)


async def test_silence(endpoint: Any) -> None:
    endpoint.says(endpoint.stream(hold=True))
    sentence = "is silent: nothing came from URL for 0.2 s. Try again later, or raise `models.big.read_timeout`."
    await fails(endpoint, ModelUnavailable, sentence, read_timeout=0.2)


async def test_the_deadline_ends_a_completion_that_goes_on(endpoint: Any) -> None:
    endpoint.says(endpoint.stream(endpoint.chunk(content="Once"), hold=True))
    model = await endpoint.opened()
    with anyio.fail_after(20), pytest.raises(ModelUnavailable) as caught:
        await collect(model.generate(GenerateRequest(messages=(user("x"),), deadline=0.2)))
    assert str(caught.value) == "model 'big' took longer than the 0.2 s it was given. Try again, or give it more time."
    async with asyncio.timeout(5):
        await endpoint.aborted.wait()


async def test_no_attempt_is_made_that_could_not_end_in_time(endpoint: Any) -> None:
    endpoint.says(endpoint.whole(error("busy"), 503, retry_after="60"))
    model = await endpoint.opened()
    with pytest.raises(ModelUnavailable) as caught:
        await collect(model.generate(GenerateRequest(messages=(user("x"),), deadline=30)))
    assert str(caught.value) == (
        f"model 'big' is in trouble: {endpoint.url} answered 503: busy. Try again later, or use another model."
    )
    assert endpoint.pauses == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "20"}, 20.0),
        ({"retry-after": "Wed, 01 Jan 2025 00:00:30 GMT"}, 30.0),
        ({"retry-after": "Tue, 31 Dec 2024 00:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "x", "retry-after": "2"}, 2.0),
    ],
)
def test_pauses_that_are_asked_for(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_pause(headers, datetime(2025, 1, 1, tzinfo=UTC)) == seconds


def test_pauses_double_up_to_a_bound_and_spread() -> None:
    assert [pause(attempt, None, chance=0.0) for attempt in (1, 2, 3, 9)] == [0.25, 0.5, 1.0, 15.0]
    assert [pause(attempt, None, chance=0.999999) for attempt in (1, 9)] == pytest.approx([0.5, 30.0], rel=1e-3)


async def test_the_key_is_not_carried_to_another_server(endpoint: Any) -> None:
    """A redirect of the list of models, which is asked for when the model is unknown."""
    endpoint.says(endpoint.whole(error("The model does not exist", "model_not_found"), 404))
    endpoint.moved_to = f"http://127.0.0.1:{endpoint.port}/elsewhere"
    sentence = "is not known as 'qwen': URL answered 404: The model does not exist. Set `models.big.name`."
    await fails(endpoint, UnknownModel, sentence, headers={"X-Api-Key": "env:KEY"})
    assert "/elsewhere" not in endpoint.asked_for


async def test_an_error_nested_too_deeply_is_told(endpoint: Any) -> None:
    endpoint.says(endpoint.whole(b'{"error":' * 7000, 400))
    model = await endpoint.opened()
    with anyio.fail_after(20), pytest.raises(ModelError) as caught:
        await collect(model.generate(ASKED))
    assert str(caught.value).startswith("model 'big' did not accept the request: ")


async def test_an_answer_without_end_is_stopped(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trivet_openai.reading.MOST", 1 << 20)
    line = endpoint.chunk(content="x" * 40_000)
    endpoint.says(endpoint.stream(*[line] * 40, hold=True))
    await fails(endpoint, ModelError, "was stopped: URL sent more than 1 MB as one answer. "
                "Check the address, or lower max_tokens.")  # fmt: skip
