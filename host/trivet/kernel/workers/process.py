"""A worker's process: started with its private pipes, and ended with everything that it left behind."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import anyio

from trivet.kernel.workers.output import Output
from trivet_sdk import worker

PATIENCE = 5.0
"""Seconds within which the watching process ends a worker with all its descendants."""


class WorkerProcess:
    """`channel` and `asks` are this side's ends. `exited` is told the wait status once no process of it is left, or None
    if nobody could say."""

    def __init__(self, exited: Callable[[int | None], None]) -> None:
        self.pid: int | None = None
        """Of the worker itself, as this process knows it."""
        self.known = anyio.Event()
        """Set when `pid` is known, or never will be."""
        self.gone = anyio.Event()
        self.channel: socket.socket
        self.asks: socket.socket
        self._exited = exited
        self._outputs: tuple[Output, ...] = ()
        self._loop = asyncio.get_running_loop()
        self._status: int | None = None
        self._heard = b""

    async def start(
        self, python: str, memory: int, environment: Mapping[str, str], sdk: str, stdout: Output, stderr: Output
    ) -> None:
        """Raises OSError. From the event loop's own thread: when that ends, so does the worker."""
        self.channel, channel = socket.socketpair()
        self.asks, asks = socket.socketpair()
        self._life, life = socket.socketpair()
        outputs = [os.pipe(), os.pipe()]
        theirs = (channel, asks, life)
        numbers = [str(each.fileno()) for each in theirs]
        command = [python, "-P", *_entry(), *numbers, str(os.getpid()), str(memory), sdk]
        try:
            self._watch = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=outputs[0][1],
                stderr=outputs[1][1],
                env=dict(environment),
                pass_fds=[each.fileno() for each in theirs],
            )
        except OSError:
            for end in (self.channel, self.asks, self._life):
                end.close()
            for reading, _ in outputs:
                os.close(reading)
            raise
        finally:
            for each in theirs:
                each.close()
            for _, writing in outputs:
                os.close(writing)
        for end in (self.channel, self.asks, self._life):
            end.setblocking(False)
        self._loop.add_reader(self._life, self._listen)
        self._outputs = (stdout, stderr)
        for (reading, _), output in zip(outputs, (stdout, stderr), strict=True):
            await self._loop.connect_read_pipe(lambda output=output: output, os.fdopen(reading, "rb", 0))  # type: ignore[misc]

    def kill(self) -> None:
        """End it with all descendants; `gone` is set when they are."""
        if self.gone.is_set():
            return
        try:
            self._life.shutdown(socket.SHUT_WR)
        except OSError:
            return  # it has ended meanwhile
        self._loop.call_later(PATIENCE, self._insist)

    async def wait(self) -> None:
        """Until nothing of it is left, and all that it printed is read."""
        await self.gone.wait()
        for output in self._outputs:
            await output.close()

    def _insist(self) -> None:
        if not self.gone.is_set():
            self._watch.kill()

    def _listen(self) -> None:
        try:
            piece = self._life.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        *lines, self._heard = (self._heard + piece).split(b"\n")
        for line in lines:
            word, _, number = line.partition(b" ")
            if word == b"pid" and self.pid is None:
                self.pid = int(number)
                self.known.set()
            elif word == b"exit":
                self._status = int(number)
        if not piece:
            self._loop.remove_reader(self._life)
            self._life.close()
            self._bury()

    def _bury(self, tries: int = 200) -> None:
        """The watching process ends with its side of the pipe; this takes a moment at most."""
        if self._watch.poll() is None and tries:
            self._loop.call_later(0.005, self._bury, tries - 1)
            return
        if self._watch.poll() is None:
            self._watch.kill()
            self._watch.wait()
        self.known.set()
        self.gone.set()
        self._exited(self._status)


def _entry() -> list[str]:
    """By its path, which imports nothing else; from an archive, as a module."""
    path = Path(worker.__file__).with_name("__main__.py")
    return [str(path)] if path.is_file() else ["-m", "trivet_sdk.worker"]


def sdk_folder() -> str:
    """What `sys.path` needs so that the SDK is found."""
    return str(Path(worker.__file__).parent.parent.parent)


def described(status: int | None) -> str:
    """How a worker ended, from its wait status; reads on after the plugin's name."""
    if status is None:
        return "crashed"
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"crashed (signal {-code})"
    return f"crashed (exit code {code})" if code else "ended by itself"
