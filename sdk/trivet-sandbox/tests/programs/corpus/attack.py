"""One attack: what is run, and how it is told whether it succeeded."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.adapters import TIGHT, Adapter
from corpus.bait import Bait
from trivet_sandbox import Result

PRELUDE = """
import ctypes, errno, os, sys, threading, time
BAIT = {known!r}
def escaped(*why): print("ESCAPED", *why, flush=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    result = _libc.syscall(number, *arguments)
    return result, ctypes.get_errno()
_libc = ctypes.CDLL(None, use_errno=True)
print("TRIED", flush=True)
"""


@dataclass(frozen=True, kw_only=True)
class Attack:
    """`programs` are run in one session, `afterwards` in another when that is closed; then the host reads the files `reads`.

    It has succeeded if the secret or the word ESCAPED was told, or if `Bait.taken` or `_suffered` finds something.
    """

    name: str
    programs: tuple[str, ...]
    afterwards: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    reads_while_open: int = 0
    """How often the files are read before the session is closed."""
    is_writable: bool = True
    timeout: float = 15.0
    settles: float = 0.0
    """Seconds to wait for what may still happen once all is closed."""
    is_root_only: bool = False
    """A bare process of an ordinary user cannot do it either."""


def verdict(attack: Attack, adapter: Adapter, bait: Bait) -> str:
    """`held`; `escaped: …`; or `invalid: …` if it was not even tried."""
    results: list[Result] = []
    found: list[str] = []
    has_begun = False
    try:
        for programs in (attack.programs, attack.afterwards):
            if not programs:
                continue
            session = adapter.open(bait.workspace, attack.is_writable)
            has_begun = True
            try:
                for program in programs:
                    if session.is_open:
                        begun = time.monotonic()
                        results.append(session.run(PRELUDE.format(known=bait.known) + program, attack.timeout))
                        if time.monotonic() - begun > attack.timeout + 5:
                            found.append("it went on after its time was over")
                for _ in range(attack.reads_while_open):
                    found += _read(attack, adapter, bait)
            finally:
                session.close()
    except Exception as error:  # the host must stand whatever it is sent
        if not has_begun:
            return f"invalid: {error!r}"
        found.append(f"the host raised {error!r}")
    if not found and not any("TRIED" in result.stdout for result in results):
        return f"invalid: {results}"
    for result in results:
        found += _suffered(result, bait.secret)
    if any("FORGED" in result.value + result.error for result in results[1:]):
        found.append("an answer was forged")
    time.sleep(attack.settles)
    found += [*_read(attack, adapter, bait), *bait.taken()]
    if (bait.workspace / "heartbeat").exists():
        before = (bait.workspace / "heartbeat").stat().st_size
        time.sleep(0.5)
        if (bait.workspace / "heartbeat").stat().st_size != before:
            found.append("something still runs")
    return f"escaped: {found[0]}" if found else "held"


def _suffered(result: Result, secret: str) -> Iterator[str]:
    texts = (result.stdout, result.stderr, result.error, result.value)
    for text in texts:
        if secret in text:
            yield "the secret was told"
        with contextlib.suppress(ValueError):
            yield text[text.index("ESCAPED") :].splitlines()[0]
        if "\x1b" in text or "\x9b" in text:
            yield "a terminal would be commanded"
        try:
            text.encode()
        except UnicodeEncodeError:
            yield "a text cannot be encoded"
        if len(text) > 4 * TIGHT.output:
            yield f"{len(text)} characters were taken in"


def _read(attack: Attack, adapter: Adapter, bait: Bait) -> Iterator[str]:
    for name in attack.reads:
        told: list[bytes] = []
        reader = threading.Thread(target=_into, args=(told, adapter, bait.workspace, name), daemon=True)
        reader.start()
        reader.join(3)
        if reader.is_alive():
            yield f"reading '{name}' does not end"
        for content in told:
            if bait.secret.encode() in content:
                yield f"reading '{name}' told the secret"
            if len(content) > 1 << 20:
                yield f"reading '{name}' took {len(content)} bytes"


def _into(told: list[bytes], adapter: Adapter, workspace: Path, name: str) -> None:
    with contextlib.suppress(Exception):  # refused, in whatever words
        told.append(adapter.read(workspace, name))
