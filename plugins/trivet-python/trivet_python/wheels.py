"""pip at work: wheels of named requirements, put into a folder. No package's code is run, as nothing is built."""

import glob
import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import Final

import anyio
from anyio.streams.text import TextReceiveStream

_OPTIONS: Final = (
    "--only-binary=:all:", "--no-input", "--disable-pip-version-check", "--progress-bar=off", "--no-color",
    "--retries=1", "--no-warn-script-location",
)  # fmt: skip
_PASSED: Final = re.compile(
    r"PATH|HOME|USER|LANG|LC_\w+|TMPDIR|XDG_\w+|PIP_\w+|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_\w+|REQUESTS_CA_BUNDLE",
    re.IGNORECASE,
)
"""Variables that pip is given: its own settings among them, and none of the secrets that a host may have."""
_STEPS: Final = re.compile(
    r"\s*(Collecting|Downloading|Using cached|Processing|Installing collected packages)\b:?\s*(.*)"
)
_UNREACHABLE: Final = re.compile(
    r"Failed to establish a new connection|name resolution|Name or service not known|Connect(ion)?\w*(TimeoutError|Error|reset)"
    r"|timed out|ProxyError|RemoteDisconnected|Network is unreachable|Connection refused", re.IGNORECASE,
)  # fmt: skip


class NotInstalled(Exception):
    """`str()` says why, and what helps, without a full stop."""


async def install(requirements: Iterable[str], folder: Path) -> AsyncGenerator[str, None]:
    """Put them and what they need into an empty folder; yields what goes on, in a few words. Raises NotInstalled."""
    command = [*_pip(), "install", *_OPTIONS, "--target", os.fspath(folder), "--", *requirements]
    environment = {name: value for name, value in os.environ.items() if _PASSED.fullmatch(name)}
    said: list[str] = []
    process = await anyio.open_process(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, cwd="/",
        umask=0o022,  # a sandbox of root's has another user
        start_new_session=True,  # Ctrl-C is for the host, which then decides
    )  # fmt: skip
    async with process:  # killed if this is cancelled
        assert process.stdout is not None
        async with aclosing(_lines(TextReceiveStream(process.stdout, errors="replace"))) as lines:
            async for line in lines:
                said = [*said[-200:], line]
                if step := _STEPS.match(line):
                    yield f"{step[1].lower()} {step[2]}"[:120]
        if await process.wait() != 0:
            raise NotInstalled(_why(said))


async def _lines(stream: TextReceiveStream) -> AsyncGenerator[str, None]:
    rest = ""
    async for piece in stream:
        *whole, rest = (rest + piece).split("\n")
        for line in whole:
            yield line
    if rest:
        yield rest


def _pip() -> list[str]:
    """The environment's own, else the wheel that ensurepip carries. Raises NotInstalled."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-I", "-m", "pip"]
    folders = [sysconfig.get_config_var("WHEEL_PKG_DIR"), "/usr/share/python-wheels"]
    bundled = importlib.util.find_spec("ensurepip")
    if bundled is not None and bundled.origin is not None:
        folders.insert(0, os.path.join(os.path.dirname(bundled.origin), "_bundled"))
    for each in filter(None, folders):
        for wheel in sorted(glob.glob(os.path.join(glob.escape(str(each)), "pip-*.whl")), reverse=True):
            return [sys.executable, "-I", os.path.join(wheel, "pip")]
    raise NotInstalled(
        f"this Python ({sys.executable}) has no pip; `{sys.executable} -m ensurepip` or your system brings it"
    )


def _why(said: list[str]) -> str:
    text = "\n".join(said)
    errors = [line.removeprefix("ERROR:").strip() for line in said if line.startswith("ERROR:")]
    if "No space left on device" in text:
        return "the disk is full; make room there"
    missing = re.findall(r"No matching distribution found for (.+)", text)
    if _UNREACHABLE.search(text):
        return (
            "the package index cannot be reached. Check the network and pip's settings (PIP_INDEX_URL, PIP_PROXY), or point"
            " PIP_FIND_LINKS at a folder that holds the wheels"
        )
    if missing:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return (
            f"there is no wheel of '{missing[0].strip()}' for Python {version} on this machine, and only wheels are taken, as"
            " building would run the package's code. Name another version, or put a wheel into a folder that PIP_FIND_LINKS names"
        )
    if "ResolutionImpossible" in text or "conflicting dependencies" in text:
        return f"they do not fit together ({errors[0] if errors else 'pip finds no versions'}). Ask for other versions"
    return (errors or said or ["pip said nothing"])[-1].rstrip(".")
