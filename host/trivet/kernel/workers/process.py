"""A worker's process: started with its private pipes, and ended with everything that it left behind."""

import array
import asyncio
import itertools
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from trivet.kernel.workers.output import Output
from trivet_sdk import worker

if TYPE_CHECKING:
    from trivet.kernel.workers.sandboxing import Sandbox

_CREDENTIALS = socket.CMSG_SPACE(12) if sys.platform == "linux" else 0
"""Room for the sender's process id, user and group (`struct ucred`), which Linux adds."""
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
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[str]] = {}

    async def start(
        self,
        python: str,
        memory: int,
        environment: Mapping[str, str],
        sdk: str,
        stdout: Output,
        stderr: Output,
        sandbox: "Sandbox | None" = None,
    ) -> None:
        """Raises OSError. From the event loop's own thread: when that ends, so does the worker."""
        self.channel, channel = socket.socketpair()
        self.asks, asks = socket.socketpair()
        self._life, life = socket.socketpair()
        if _CREDENTIALS:
            self._life.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        outputs = [os.pipe(), os.pipe()]
        theirs = (channel, asks, life)
        numbers = [each.fileno() for each in theirs]
        try:
            if sandbox is None:
                own = [*map(str, numbers), str(os.getpid()), str(memory), sdk]
                command, passed, close = (python, "-P", *entry(), *own), tuple(numbers), _nothing
            else:
                prepared = sandbox.prepared(python, environment, memory, sdk, *numbers)
                command, passed, close = prepared.command, prepared.passed, prepared.close
            try:
                self._watch = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=outputs[0][1],
                    stderr=outputs[1][1],
                    env=dict(environment) if sandbox is None else {},
                    pass_fds=passed,
                )
            finally:
                close()
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

    async def ask(self, word: str, path: Path) -> str:
        """Of the keeper of its sandbox: `show` a folder inside, `lend` it (for writing, too), or `hide` it. Why that cannot be
        done; nothing if it was done, or the worker has ended, as whoever calls it is told then."""
        if self.gone.is_set():
            return ""
        number = next(self._numbers)
        answer: asyncio.Future[str] = self._loop.create_future()
        self._asked[number] = answer
        try:
            await self._loop.sock_sendall(self._life, f"{word} {number} {os.fsencode(path).hex()}\n".encode())
            return await answer
        except OSError:
            return ""
        finally:
            del self._asked[number]

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
            piece, credentials, _, _ = self._life.recvmsg(4096, _CREDENTIALS)
        except BlockingIOError:
            return
        except OSError:
            piece, credentials = b"", []
        *lines, self._heard = (self._heard + piece).split(b"\n")
        for line in lines:
            word, _, number = line.partition(b" ")
            if word == b"pid" and self.pid is None:
                # in a pid namespace it does not know its own number out here; the kernel does
                self.pid = array.array("i", credentials[0][2])[0] if credentials else int(number)
                self.known.set()
            elif word == b"exit":
                self._status = int(number)
            elif word == b"done":
                asked, _, reason = number.partition(b" ")
                self._answered(int(asked), bytes.fromhex(reason.decode()).decode())
        if not piece:
            self._loop.remove_reader(self._life)
            self._life.close()
            self._bury()

    def _answered(self, number: int, reason: str) -> None:
        answer = self._asked.get(number)
        if answer is not None and not answer.done():
            answer.set_result(reason)

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
        for number in self._asked:
            self._answered(number, "")
        self._exited(self._status)


def entry() -> list[str]:
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


def _nothing() -> None:
    pass
