"""Does a model keep its contract?"""

from collections.abc import AsyncGenerator
from typing import cast

import anyio
import msgspec

from ..errors import ModelError, UnsupportedRequest
from ..fitting import misfits
from ..message import user
from ..model import Completion, Delta, GenerateRequest, Model, collect
from ..plan import Json

_FEATURES = frozenset("tools schema grammar choices logprobs adapter seed images".split())
_SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "blue"]}},
    "required": ["colour"],
    "additionalProperties": False,
}


async def check_model(model: object, *, prompt: str = "Name a colour.", timeout: float = 120.0) -> tuple[str, ...]:
    """A sentence for each way in which the model breaks the contract; none if it keeps it. Makes about eight short calls."""
    if not isinstance(model, Model):
        return (f"{model!r} is no model: it needs name, window, is_small, features, generate and measure",)
    found: list[str] = []
    request = GenerateRequest(messages=(user(prompt),), max_tokens=16)
    for check in (_stream_faults, _measure_faults, _limit_faults, _schema_faults, _choice_faults, _closing_faults):
        try:
            with anyio.fail_after(timeout):
                found += await check(model, request)
        except TimeoutError:
            found.append(f"did not answer within {timeout:g} seconds")
        except ModelError as error:
            found.append(f"cannot answer: {error}")
        except Exception as error:  # foreign code: whatever it raises is what is reported
            found.append(f"raises {type(error).__name__}: {error}; raise a ModelError that says what went wrong")
    if unknown := sorted(model.features - _FEATURES):
        found.append(f"claims features that nobody knows: {', '.join(unknown)}")
    return tuple(f"model '{model.name}' {fault}" for fault in dict.fromkeys(found))


async def _stream_faults(model: Model, request: GenerateRequest) -> list[str]:
    deltas = [delta async for delta in model.generate(request)]
    finishes = [index for index, delta in enumerate(deltas) if delta.finish is not None]
    found: list[str] = []
    if finishes != [len(deltas) - 1]:
        found.append("must say `finish` once, with the last delta")
    elif not deltas[-1].prompt_tokens or not deltas[-1].completion_tokens:
        found.append("does not count its tokens with the last delta")
    if not "".join(delta.text for delta in deltas):
        found.append("says nothing")
    return found


async def _measure_faults(model: Model, request: GenerateRequest) -> list[str]:
    short: object = await model.measure(request.messages)
    long = await model.measure((*request.messages, user("word " * 50)))
    if not isinstance(short, int) or not 0 < short < long:
        return [f"measures a prompt as {short} tokens and a longer one as {long}"]
    if model.window is not None and model.window < short:
        return [f"has a window of {model.window} tokens, less than a short prompt"]
    return []


async def _limit_faults(model: Model, request: GenerateRequest) -> list[str]:
    limited = await collect(model.generate(msgspec.structs.replace(request, max_tokens=2)))
    found = [f"wrote {limited.completion_tokens} tokens where 2 were allowed"] if limited.completion_tokens > 2 else []
    whole = await collect(model.generate(request))
    again = await collect(model.generate(request))
    if "seed" in model.features and again.text != whole.text:
        found.append("answers one greedy request in two ways, though it claims `seed`")
    words = whole.text.split()
    if len(words) > 1:
        stopped = await collect(model.generate(msgspec.structs.replace(request, stop=(words[1],))))
        if words[1] in stopped.text:
            found.append(f"goes on over the stop string {words[1]!r}")
    return found


async def _schema_faults(model: Model, request: GenerateRequest) -> list[str]:
    completion = await _supported(model, msgspec.structs.replace(request, schema=_SCHEMA, max_tokens=64))
    if completion is None:
        return [] if "schema" not in model.features else ["claims `schema`, but refuses it"]
    if "schema" not in model.features:
        return ["does not claim `schema`, but takes one; it must raise UnsupportedRequest"]
    try:
        fits = not misfits(_SCHEMA, msgspec.json.decode(completion.text))
    except msgspec.DecodeError:
        fits = False
    return [] if fits else [f"claims `schema`, but wrote {completion.text!r}"]


async def _choice_faults(model: Model, request: GenerateRequest) -> list[str]:
    choices = ("red", "blue", "green")
    completion = await _supported(model, msgspec.structs.replace(request, choices=choices))
    if completion is None:
        return [] if "choices" not in model.features else ["claims `choices`, but refuses them"]
    if "choices" not in model.features:
        return ["does not claim `choices`, but takes them; it must raise UnsupportedRequest"]
    scores = completion.scores
    if len(scores) != len(choices) or completion.text != choices[scores.index(max(scores))]:
        return [f"scores {choices} as {scores} and chooses {completion.text!r}"]
    return []


async def _closing_faults(model: Model, request: GenerateRequest) -> list[str]:
    """Closed after its first delta, a stream ends, and the model still answers."""
    stream = cast(AsyncGenerator[Delta, None], model.generate(request))
    if not hasattr(stream, "aclose"):
        return ["streams through an iterator that cannot be closed; use an async generator"]
    await anext(stream)
    await stream.aclose()
    await collect(model.generate(request))
    return []


async def _supported(model: Model, request: GenerateRequest) -> Completion | None:
    try:
        return await collect(model.generate(request))
    except UnsupportedRequest:
        return None
