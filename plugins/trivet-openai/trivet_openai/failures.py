"""What went wrong at the endpoint, in a sentence that says what to do."""

import re
from typing import Any

import msgspec

from trivet_openai.backoff import TRANSIENT
from trivet_openai.definition import Definition
from trivet_sdk import ContextTooLong, ModelError, ModelUnavailable, Unauthorized, UnknownModel, UnsupportedRequest

_TOO_LONG = re.compile(
    r"context.{0,3}length|context (window|size)|maximum (context|prompt|input)|too many (input )?tokens|"
    r"prompt is too long|input is too long|max_model_len|reduce the length",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_not_found|model.{0,120}(not found|not exist|not available|is not (a )?valid|unknown)|"
    r"(unknown|invalid|no such) model|not a valid model",
    re.IGNORECASE | re.DOTALL,
)
_CANNOT = re.compile(
    r"(response_format|json_schema|tool|function.call|logprobs|seed|image).{0,120}"
    r"(not support|unsupported|requires|not implemented)|"
    r"(not support|unsupported).{0,80}(response_format|json_schema|tool|function.call|logprobs|seed|image)",
    re.IGNORECASE | re.DOTALL,
)
_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing|credit", re.IGNORECASE)
_QUOTED = 300
"""Characters of the endpoint's own words that are shown."""


class Failure(Exception):
    """One attempt that failed; whether another may help; and the error to raise when none is made."""

    def __init__(
        self, kind: type[ModelError], reason: str, cure: str = "", *, further: int = 0, asked: float | None = None
    ) -> None:
        """`further`: how many more attempts this failure deserves at most; `asked`: the pause that was asked for, s."""
        super().__init__(reason)
        self.kind, self.reason, self.cure, self.further, self.asked = kind, reason, cure, further, asked

    def error(self, model: str, attempts: int = 1) -> ModelError:
        again = f", {attempts} times in a row" if attempts > 1 else ""
        return self.kind(model, f"{self.reason}{again}. {self.cure}".rstrip())


def said(body: bytes, key: str = "") -> tuple[str, str]:
    """The endpoint's own words and its error code; without the key, which some servers repeat."""
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = re.sub(r"<[^>]*>|\s+", " ", body[:4000].decode("utf-8", "replace"))
    code = ""
    for _ in range(4):
        if isinstance(found, list):
            found = found[0] if found else ""
        if isinstance(found, dict):
            code = code or str(found.get("code") or found.get("type") or "")
            found = next((found[name] for name in ("error", "message", "detail", "msg") if found.get(name)), "")
    text = " ".join(str(found or "").split())
    if key:
        text = text.replace(key, "…")
    return (text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…").rstrip("."), code


def refused(
    model: str, definition: Definition, key: str, status: int, body: bytes, asked: float | None, location: str = ""
) -> Failure:
    """The endpoint answered with a status that is no success."""
    url = definition.base_url
    text, code = said(body, key)
    told = f"{status}: {text}" if text else str(status)
    both = f"{code} {text}"
    if status in (401, 403):
        if not key:
            cure = f'Set `models.{model}.api_key` to where the key is, like "env:OPENAI_API_KEY".'
            return Failure(Unauthorized, f"is closed to those without a key: {url} answered {told}", cure)
        cure = f"Check what `models.{model}.api_key` refers to."
        return Failure(Unauthorized, f"is closed to this key: {url} answered {told}", cure)
    if status in (400, 413, 422, 500) and (status == 413 or _TOO_LONG.search(both)):
        cure = "Use a model with a larger window, or ask for less at once."
        return Failure(ContextTooLong, f"cannot take a request as long as this: {url} answered {told}", cure)
    if status in (400, 404, 422) and _NO_MODEL.search(both):
        cure = f"Set `models.{model}.name`."
        return Failure(UnknownModel, f"is not known as '{definition.name}': {url} answered {told}", cure)
    if status == 404 or status == 405:
        cure = f"Check `models.{model}.base_url`; it usually ends in /v1."
        return Failure(ModelUnavailable, f"is not where it should be: {url}/chat/completions answered {told}", cure)
    if status in (400, 422, 501) and _CANNOT.search(both):
        cure = f"Leave that out of `models.{model}.features`."
        return Failure(UnsupportedRequest, f"cannot do what was asked: {url} answered {told}", cure)
    if 300 <= status < 400:
        cure = f"Set `models.{model}.base_url` to the new address."
        return Failure(ModelUnavailable, f"has moved: {url} answered {status}, to '{location}'", cure)
    if status == 429 and _QUOTA.search(both):
        return Failure(ModelUnavailable, f"has no credit left: {url} answered {told}", "Check the account.")
    if status == 429:
        cure = "Wait a little, or use another model."
        further = definition.retries
        return Failure(
            ModelUnavailable, f"is asked too often: {url} answered {told}", cure, further=further, asked=asked
        )
    if status in TRANSIENT or status >= 500:
        further = definition.retries if status in TRANSIENT else 0
        cure = "Try again later, or use another model."
        return Failure(ModelUnavailable, f"is in trouble: {url} answered {told}", cure, further=further, asked=asked)
    return Failure(ModelError, f"did not accept the request: {url} answered {told}")


def trouble(model: str, definition: Definition, key: str, body: bytes) -> Failure:
    """An error object came where a completion was due, under a status of success."""
    try:
        error: Any = msgspec.json.decode(body).get("error") or {}
        status = int(error.get("code") or error.get("status") or 0)
    except (ValueError, TypeError, AttributeError, RecursionError):
        status = 0
    if 400 <= status < 600:
        return refused(model, definition, key, status, body, None)
    text, code = said(body, key)
    if _TOO_LONG.search(f"{code} {text}"):
        return refused(model, definition, key, 400, body, None)
    if not text:
        return no_json(model, definition, body)
    cure = "Try again later, or use another model."
    return Failure(
        ModelUnavailable, f"is in trouble: {definition.base_url} said '{text}'", cure, further=definition.retries
    )


def unreachable(model: str, definition: Definition, why: str) -> Failure:
    cure = f"Is the server running, and is `models.{model}.base_url` right?"
    reason = f"cannot be reached: nothing answers at {definition.base_url} ({why})"
    return Failure(ModelUnavailable, reason, cure, further=min(2, definition.retries))


def untrusted(model: str, definition: Definition, why: str) -> Failure:
    reason = f"cannot be reached safely: {definition.base_url} has a certificate that is not trusted here ({why})"
    return Failure(ModelUnavailable, reason, "Check the address, or add the certificate to this machine's.")


def lost(definition: Definition) -> Failure:
    reason = f"broke off: the connection to {definition.base_url} was lost before an answer came"
    return Failure(ModelUnavailable, reason, "Try again later.", further=definition.retries)


def silent(model: str, definition: Definition) -> Failure:
    reason = f"is silent: nothing came from {definition.base_url} for {definition.read_timeout:g} s"
    return Failure(ModelUnavailable, reason, f"Try again later, or raise `models.{model}.read_timeout`.")


def late(seconds: float) -> Failure:
    return Failure(
        ModelUnavailable, f"took longer than the {seconds:g} s it was given", "Try again, or give it more time."
    )


def no_json(model: str, definition: Definition, body: bytes) -> Failure:
    text = " ".join(body[:200].decode("utf-8", "replace").split())
    shown = f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'" if text else "an empty answer"
    reason = f"did not get a chat completion from {definition.base_url}, but {shown}"
    return Failure(ModelError, reason, f"Check `models.{model}.base_url`; it usually ends in /v1.")


def cut(definition: Definition, characters: int, why: str = "") -> Failure:
    """It broke after something had been passed on, so that nobody but the asker can repeat it."""
    why = why or f"the connection to {definition.base_url} was lost"
    return Failure(
        ModelError, f"stopped in the middle of an answer, after {characters} characters: {why}", "Try again."
    )


def too_much(definition: Definition, most: int) -> Failure:
    """More than any completion has: the endpoint is broken or hostile, and memory is not its to fill."""
    reason = f"was stopped: {definition.base_url} sent more than {most >> 20} MB as one answer"
    return Failure(ModelError, reason, "Check the address, or lower max_tokens.")


def withheld(definition: Definition) -> Failure:
    reason = f"gave no answer: {definition.base_url} withheld it by its content filter"
    return Failure(ModelError, reason, "Say it in other words, or use another model.")
