"""One loaded GGUF file. Synchronous; one thread at a time may write, any number may measure."""

import http.client
import json
import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

from trivet_llamacpp.beginnings import UNFINISHED, Beginnings
from trivet_llamacpp.bindings import import_library
from trivet_sdk import ModelError

BATCH = 128
"""Tokens of a prompt that are read at once. More would not be faster on a CPU, takes memory, and stops later when asked."""


class Engine:
    """llama.cpp's server in this process. It insists on listening: on a socket in a folder that only this user can open,
    behind a key that nobody else has. Prompts are asked for there; completions take the direct way."""

    def __init__(self, name: str, file: Path, window: int, threads: int, cache: Path) -> None:
        """Loads the file. `cache`: a folder of this plugin. Raises ModelError for model `name`."""
        library = import_library(name)
        self._beginnings = Beginnings(cache / "beginnings", file, file.stat().st_mtime_ns, window, version("xllamacpp"))
        self._beginning = ""
        self._folder = tempfile.mkdtemp(prefix="trivet-llama-")
        self._key = secrets.token_hex(16)
        self._writing = threading.Lock()
        self._is_closed = False
        self._used = monotonic()
        try:
            self._server: Any = _server(
                library, name, file, window, threads, f"{self._folder}/llama.sock", self._key, self._beginnings.folder
            )
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def is_idle(self, seconds: float) -> bool:
        """Whether nobody has asked anything for so long."""
        return not self._writing.locked() and monotonic() - self._used > seconds

    def template(self, messages: list[dict[str, str]]) -> str:
        """The prompt's text; a last message of the assistant is left open. Raises ValueError if the template refuses."""
        return str(self._post("/apply-template", {"messages": messages})["prompt"])

    def tokens(self, text: str, *, start: bool, controls: bool) -> list[int]:
        """`start`: with what the model wants before everything; `controls`: control tokens count as such."""
        body = {"content": text, "add_special": start, "parse_special": controls}
        return list(self._post("/tokenize", body)["tokens"])

    def complete(self, body: dict[str, Any], told: Callable[[dict[str, Any]], bool]) -> None:
        """Write one completion; `told` gets each chunk, and says whether to stop. Returns when the work is over."""
        with self._writing:
            if self._is_closed:
                return
            name = self._beginnings.name_of(body["prompt"]) if body["cache_prompt"] else ""
            is_new = name not in ("", self._beginning)
            is_kept = is_new and self._beginnings.has(name) and self._recall(name)
            self._server.handle_completions(body, lambda chunk: told(chunk) or self._is_closed)
            if is_new and not is_kept and not self._is_closed:
                self._keep(name)
            self._beginning = name
            self._used = monotonic()

    def _recall(self, name: str) -> bool:
        try:
            self._slot("restore", name)
        except (ValueError, OSError):
            self._beginnings.forget(name)  # of another build
            return False
        return True

    def _keep(self, name: str) -> None:
        """A convenience: where it cannot be written, the next process reads the prompt again."""
        try:
            self._beginnings.make_room()
            self._slot("save", name + UNFINISHED)
            self._beginnings.finished(name)
        except (ValueError, OSError):
            self._beginnings.forget(name)

    def _slot(self, action: str, name: str) -> None:
        self._post(f"/slots/0?action={action}", {"filename": name})

    def close(self) -> None:
        """Ends a completion at its next token, and gives the memory back."""
        self._is_closed = True
        with self._writing:
            self._server = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self._used = monotonic()
        connection = _Connection(f"{self._folder}/llama.sock")
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"}
        try:
            connection.request("POST", path, json.dumps(body).encode(), headers)
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(str(answer.get("error", {}).get("message", response.reason)).strip().partition("\n")[0])
        return answer


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def _server(
    library: Any, name: str, file: Path, window: int, threads: int, path: str, key: str, beginnings: Path
) -> Any:
    settings = library.CommonParams()
    settings.model.path = str(file)
    settings.n_ctx, settings.n_parallel = window, 1
    settings.n_batch = settings.n_ubatch = BATCH
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    settings.hostnames, settings.api_keys = [path], [key]
    settings.endpoint_slots = settings.ui = False
    settings.slot_save_path = f"{beginnings}/"
    settings.warmup = settings.fit_params = False
    settings.cache_ram_mib = 0  # else up to 8 GB of keys and values of earlier prompts, beside the last one's
    settings.no_extra_bufts = True  # else a second copy of the weights, in another order
    settings.verbosity = -1
    try:
        return library.Server(settings)
    except RuntimeError:
        raise ModelError(
            name,
            f"cannot be loaded from {file}: llama.cpp does not know this kind of model, or the file is damaged.",
        ) from None
