"""One completion on its way, from llama.cpp's thread to whoever waits for it."""

import threading
from collections.abc import Sequence
from queue import SimpleQueue
from typing import Any

import msgspec

from trivet_llamacpp.engine import Engine
from trivet_llamacpp.stops import Stops
from trivet_sdk import Delta, ModelError, TokenLogprob


class Writing:
    """Begins at once, in a thread of its own, which ends with `close`."""

    def __init__(self, name: str, engine: Engine, body: dict[str, Any], stops: Sequence[str]) -> None:
        """`body`: for llama.cpp's `/v1/completions`, streamed and with the counts of tokens in each chunk."""
        self._name, self._engine, self._body = name, engine, body
        self._stops = Stops(stops)
        self._chunks: SimpleQueue[dict[str, Any] | BaseException] = SimpleQueue()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name=f"llama.cpp for {name}", daemon=True)
        self._thread.start()

    def next(self) -> Delta:
        """Waits for the next piece; one without anything in it says that a part of the prompt was read.

        Raises ModelError; nothing follows a delta with `finish`."""
        chunk = self._chunks.get()
        if isinstance(chunk, BaseException):
            raise chunk
        if "error" in chunk:
            raise ModelError(self._name, f"could not answer: {chunk['error'].get('message', chunk['error'])}")
        choice = chunk["choices"][0]
        text, finish = self._stops.push(choice["text"]), choice["finish_reason"]
        if self._stops.is_over:
            finish = "stop"
        elif finish is not None:
            text += self._stops.finish()
        delta = Delta(text=text, logprobs=_logprobs(choice), finish=finish)
        return delta if finish is None else msgspec.structs.replace(delta, model=self._name, **_counts(chunk))

    def close(self) -> None:
        """Ends the work within one token, or one batch of the prompt, and waits until it has."""
        self._is_closed = True
        self._thread.join()

    def _run(self) -> None:
        try:
            self._engine.complete(self._body, self._told)
        except Exception as error:  # carried over to the thread that waits, which raises it
            self._chunks.put(error)
        else:
            self._chunks.put(ModelError(self._name, "stopped in the middle of an answer. Try again."))

    def _told(self, chunk: dict[str, Any]) -> bool:
        self._chunks.put(chunk)
        return self._is_closed


def _logprobs(choice: dict[str, Any]) -> tuple[TokenLogprob, ...]:
    return tuple(
        TokenLogprob(bytes(entry["bytes"]).decode(errors="replace"), entry["logprob"])
        for entry in (choice.get("logprobs") or {}).get("content", ())
        if entry["bytes"]  # the end of the turn has none
    )


def _counts(chunk: dict[str, Any]) -> dict[str, int]:
    timings = chunk["timings"]
    cached = timings["cache_n"]
    return {
        "prompt_tokens": cached + timings["prompt_n"],
        "cached_tokens": cached,
        "completion_tokens": timings["predicted_n"],
    }
