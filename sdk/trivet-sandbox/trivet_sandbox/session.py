"""Programs run one after the other in one sandbox: what one defines, the next one finds."""

import json
import os
import secrets
import selectors
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from trivet_sandbox.arguments import INSIDE, PACKAGES, Mounts
from trivet_sandbox.interpreter import Interpreter, this_interpreter
from trivet_sandbox.launch import Launch, SandboxFailed
from trivet_sandbox.limits import MB, Limits
from trivet_sandbox.watch import Watch

Status: TypeAlias = Literal["ok", "error", "timeout", "memory", "died"]
LONGEST = 16 * MB
"""Bytes of one answer."""
START = 30.0
"""Seconds in which the interpreter must be ready."""
_HEADER = 4


@dataclass(frozen=True, kw_only=True)
class Outcome:
    stdout: str
    stderr: str
    status: Status
    """`ok`; `error`: the program raised; `timeout`, `memory`: it was ended, and what it had defined is lost; `died`: it
    ended its own process."""
    value: str = ""
    """`repr` of a last expression's value."""
    error: str = ""
    """The traceback, or a sentence."""
    seconds: float = 0.0
    is_cut: bool = False
    """There was more output than is kept."""


class Session:
    """A context manager. `workspace` is seen as `/workspace`, where programs begin."""

    def __init__(
        self,
        bubblewrap: Path,
        workspace: Path | None,
        *,
        is_writable: bool = True,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        interpreter: Interpreter | None = None,
    ) -> None:
        """Raises SandboxFailed."""
        interpreter = interpreter or this_interpreter()
        self._limits = limits
        mounts = Mounts(
            interpreter=interpreter.prefix,
            packages=interpreter.packages,
            inside=Path(__file__).parent / "inside",
            workspace=workspace,
            is_writable=is_writable,
        )
        request_read, self._requests = os.pipe()
        self._replies, reply_write = os.pipe()
        bounds = {
            "memory": limits.memory,
            "file": limits.file,
            "files": limits.files,
            "processes": limits.processes,
            "packages": [f"{PACKAGES}/{place}" for place in range(len(interpreter.packages))],
        }
        command = [
            str(interpreter.program), "-I", "-S", "-u", f"{INSIDE}/serve.py",
            str(request_read), str(reply_write), json.dumps(bounds),
        ]  # fmt: skip
        try:
            self._launch = Launch(bubblewrap, command, mounts, interpreter, limits, (request_read, reply_write))
        except BaseException:
            for end in (self._requests, self._replies):
                os.close(end)
            raise
        finally:
            os.close(request_read)
            os.close(reply_write)
        self._watch = Watch(self._launch, limits.memory)
        for stream in (self._launch.stdout, self._launch.stderr):
            os.set_blocking(stream.fileno(), False)
        os.set_blocking(self._replies, False)
        self._is_open = True
        ready = self._exchange(None, "", START)
        if ready.status != "ok":
            self.close()
            raise SandboxFailed(
                f"the interpreter does not start in the sandbox: {ready.stderr or ready.error or ready.status}"
            )

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """False once a program was ended or has ended its process: then nothing more can be run here."""
        return self._is_open

    def run(self, code: str, timeout: float) -> Outcome:
        """Run a program for at most so many seconds. Blocks; from one thread at a time. Raises SandboxFailed if the session
        is not open."""
        if not self._is_open:
            raise SandboxFailed("the session is over; open another")
        id = secrets.token_hex(16)
        body = json.dumps({"id": id, "code": code}).encode()
        return self._exchange(len(body).to_bytes(_HEADER, "little") + body, id, timeout)

    def close(self) -> None:
        """End everything inside. Blocks for a moment."""
        if self._replies >= 0:
            self._is_open = False
            self._watch.stop()
            self._launch.kill()
            os.close(self._requests)
            os.close(self._replies)
            self._requests = self._replies = -1

    def _exchange(self, request: bytes | None, id: str, timeout: float) -> Outcome:
        begun = time.monotonic()
        kept = {"stdout": bytearray(), "stderr": bytearray()}
        reply = bytearray()
        answer: dict[str, object] | None = None
        is_cut = False
        status: Status | None = None
        with selectors.DefaultSelector() as ready:
            ready.register(self._launch.stdout, selectors.EVENT_READ, "stdout")
            ready.register(self._launch.stderr, selectors.EVENT_READ, "stderr")
            ready.register(self._replies, selectors.EVENT_READ, "reply")
            if request is not None:
                os.set_blocking(self._requests, False)
                ready.register(self._requests, selectors.EVENT_WRITE, "request")
            while answer is None and status is None:
                left = timeout - (time.monotonic() - begun)
                if left <= 0:
                    status = "timeout"
                    break
                for key, _ in ready.select(left):
                    match key.data:
                        case "request":
                            assert request is not None
                            try:
                                request = request[os.write(self._requests, request) :]
                            except BlockingIOError:
                                continue
                            except BrokenPipeError:
                                request = b""
                            if not request:
                                ready.unregister(self._requests)
                        case "reply":
                            piece = os.read(self._replies, 65536)
                            if not piece:
                                status = "died"
                                break
                            reply += piece
                            answer = _answer(reply, id)
                            if len(reply) > LONGEST:
                                status = "died"
                        case name:
                            piece = os.read(key.fd, 65536)
                            if not piece:
                                ready.unregister(key.fileobj)
                            elif len(kept[name]) < self._limits.output:
                                kept[name] += piece[: self._limits.output - len(kept[name])]
                                is_cut = is_cut or len(kept[name]) == self._limits.output
                            else:
                                is_cut = True
            if status is not None:
                if self._watch.was_over or self._launch.group.was_out_of_memory:
                    status = "memory"
                self._is_open = False
                self._launch.kill_inside()
            self._drain(kept)
        told = answer or {}
        if status == "died" and (self._watch.was_over or self._launch.group.was_out_of_memory):
            status = "memory"
        found: Status = status or ("error" if told.get("status") == "error" else "ok")
        return Outcome(
            stdout=kept["stdout"].decode("utf-8", "replace"),
            stderr=kept["stderr"].decode("utf-8", "replace"),
            status=found,
            value=str(told.get("value", "")),
            error=str(told.get("error", "")) or _SENTENCES.get(found, "").format(timeout),
            seconds=time.monotonic() - begun,
            is_cut=is_cut,
        )

    def _drain(self, kept: dict[str, bytearray]) -> None:
        """What was written before the answer is in the pipes already."""
        for name, stream in (("stdout", self._launch.stdout), ("stderr", self._launch.stderr)):
            for _ in range(16):
                try:
                    piece = os.read(stream.fileno(), 65536)
                except (BlockingIOError, ValueError):
                    break
                if not piece:
                    break
                kept[name] += piece[: max(0, self._limits.output - len(kept[name]))]


_SENTENCES = {
    "timeout": "The program did not end within {:g} seconds and was ended; what it had defined is lost.",
    "memory": "The program took more memory than it may and was ended; what it had defined is lost.",
    "died": "The program ended its own process; what it had defined is lost.",
}


def _answer(reply: bytearray, id: str) -> dict[str, object] | None:
    """The answer to this request, if it is complete; frames that answer nothing that was asked are thrown away."""
    while len(reply) >= _HEADER:
        size = int.from_bytes(reply[:_HEADER], "little")
        if len(reply) < _HEADER + size:
            return None
        body = bytes(reply[_HEADER : _HEADER + size])
        del reply[: _HEADER + size]
        try:
            told = json.loads(body)
        except ValueError:
            continue
        if isinstance(told, dict) and (told.get("id") == id or (not id and told.get("ready") is True)):
            return told
    return None
