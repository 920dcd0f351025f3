"""A plugin that tries what it was not permitted; each tool says what it got, or what it was refused with."""

import ctypes
import multiprocessing
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trivet_sdk import Contributions, PluginContext, ToolContext, hookimpl, stateless, tool

PERMISSIONS = Path(__file__).with_name("permissions.toml")
TOOLS = "read write listing connect spawn environment others move kernel workspace own".split()
manifest = (
    '[plugin]\nid = "intruder"\nsummary = "Breaks in"\nisolation = "process"\nstart_timeout = 60.0\n'
    + "".join(f'[[contributes.tools]]\nname = "{name}"\nsummary = "A test"\neffect = "pure"\n' for name in TOOLS)
    + (PERMISSIONS.read_text() if PERMISSIONS.exists() else "")
)


def attempted(attempt: Callable[[], Any]) -> str:
    try:
        return f"got {attempt()}"
    except (OSError, subprocess.SubprocessError) as error:
        return f"refused: {type(error).__name__}"


@tool(effect="pure")
def read(path: str) -> str:
    """Read a file."""
    return attempted(lambda: Path(path).read_text(errors="replace")[:200])


@tool(effect="pure")
def write(path: str) -> str:
    """Write a file."""
    return attempted(lambda: Path(path).write_text("intruded"))


@tool(effect="pure")
def listing(path: str) -> str:
    """List a folder."""
    return attempted(lambda: sorted(os.listdir(path)))


@tool(effect="pure")
def connect(kind: str, address: str) -> str:
    """Connect to what listens on this machine, and read what it says."""

    def attempt() -> str:
        with socket.socket(socket.AF_INET if kind == "tcp" else socket.AF_UNIX) as opened:
            opened.settimeout(5)
            opened.connect(("127.0.0.1", int(address)) if kind == "tcp" else address.replace("@", "\0", 1))
            return opened.recv(100).decode()

    return attempted(attempt)


@tool(effect="pure")
def spawn(how: str) -> str:
    """Start a process."""

    def forked() -> str:
        child = os.fork()
        if child == 0:
            os._exit(7)
        return str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    def posix() -> str:
        child = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 7"], {})
        return str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    def multi() -> str:
        child = multiprocessing.get_context("spawn").Process(target=print)
        child.start()
        child.join()
        return "7" if child.exitcode == 0 else "broken"

    def cloned() -> str:
        """`clone` of the kernel itself, with a child that ends at once."""
        libc = ctypes.CDLL(None, use_errno=True)
        child = libc.syscall(56, 17, 0, 0, 0, 0)
        if child == 0:
            os._exit(7)
        if child < 0:
            raise OSError(ctypes.get_errno(), "clone")
        return str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    ways: dict[str, Callable[[], str]] = {
        "program": lambda: str(subprocess.run(["/bin/sh", "-c", "exit 7"], check=False).returncode),
        "fork": forked,
        "posix_spawn": posix,
        "multiprocessing": multi,
        "clone": cloned,
    }
    return attempted(ways[how])


@tool(effect="pure")
def environment(host: int) -> dict[str, Any]:
    """What the environment holds, the worker's and others'."""
    return {
        "own": sorted(os.environ),
        "host": attempted(lambda: len(Path(f"/proc/{host}/environ").read_bytes()) > 0),
        "first": attempted(lambda: Path("/proc/1/environ").read_text().split("\0")),
    }


@tool(effect="pure")
def others() -> dict[str, str]:
    """Write into processes that are held to less than this one."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        if int(name) != os.getpid():
            found[name] = attempted(lambda name=name: Path(f"/proc/{name}/mem").open("r+b").close())  # type: ignore[misc]
    return found


@tool(effect="pure")
def move(path: str, to: str) -> str:
    """Move a folder, with what is mounted in it."""
    return attempted(lambda: os.rename(path, to))


@tool(effect="pure")
def kernel(name: str) -> str:
    """Ask the kernel for what a plugin has no business with. Nothing is changed if it is granted."""
    libc = ctypes.CDLL(None, use_errno=True)
    calls = {
        "unshare": lambda: libc.unshare(0x10000000),
        "unix socket": lambda: libc.socket(1, 1, 0),
        "netlink socket": lambda: libc.socket(16, 3, 0),
        "vsock": lambda: libc.socket(40, 1, 0),
        "keyctl": lambda: libc.syscall(250, 0, -3, 0),
        "ptrace": lambda: libc.ptrace(0, 0, 0, 0),
    }

    def attempt() -> str:
        if calls[name]() < 0:
            raise OSError(ctypes.get_errno(), name)
        return name

    return attempted(attempt)


@tool(effect="pure")
def workspace(ctx: ToolContext, others: list[str]) -> dict[str, str]:
    """Read, write and attach; and look into workspaces of others."""
    return {
        "read": attempted(lambda: (ctx.workspace.root / "目标.txt").read_text()),
        "absolute": attempted(lambda: (ctx.workspace.root / "link").read_text()),
        "write": attempted(lambda: (ctx.workspace.root / "written").write_text("x")),
        **{f"attachment {name}": attempted(path.read_text) for name, path in ctx.workspace.attachments.items()},
        **{each: attempted(lambda each=each: Path(each, "目标.txt").read_text()) for each in others},  # type: ignore[misc]
    }


@hookimpl
def activate(context: PluginContext) -> Any:
    @tool(effect="pure")
    def own() -> dict[str, str]:
        """What belongs to the plugin itself."""
        return {
            "data": attempted(lambda: (context.data_dir / "file").write_text("x")),
            "cache": attempted(lambda: (context.cache_dir / "file").write_text("x")),
            "temporary": attempted(lambda: Path("/tmp/intruder").write_text("x")),
            "code": attempted(lambda: Path(__file__).read_text()[:5]),
            "overwrite code": attempted(lambda: Path(__file__).open("a").close()),
            "interpreter": attempted(lambda: Path(os.path.realpath(sys.executable)).open("ab").close()),
            "user": str(os.getuid() == 0),
        }

    return stateless(
        Contributions(tools=(read, write, listing, connect, spawn, environment, others, move, kernel, workspace, own))
    )
