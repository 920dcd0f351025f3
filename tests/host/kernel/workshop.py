"""Real plugins on the path of this process, written and rewritten as an author would, and a pace that waits for nobody."""

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anyio

from tests.host.cli.conftest import Site
from trivet.kernel.pace import Pace
from trivet.packages.trust import FIRST_PARTY
from trivet.settings import Settings, load_settings
from trivet.settings_file import write_setting
from trivet_sdk.testing.calling import StandaloneCall
from trivet_sdk.workspace import Workspace

SOURCE = '''
import os, signal
from contextlib import asynccontextmanager
from pathlib import Path
import anyio
from trivet_sdk import Contributions, ToolContext, hookimpl, tool

VERSION = "1"


broken = None


@asynccontextmanager
async def life(context):
    global broken
    broken = anyio.Event()

    async def break_down():
        await broken.wait()
        raise RuntimeError("lost")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(break_down)
        yield
        tasks.cancel_scope.cancel()

@tool(effect="pure")
async def say(text: str) -> str:
    """Say it again, with a version."""
    return f"{VERSION} {text}"

@tool(effect="pure")
async def die(signal: int) -> str:
    """Die of a signal, or break down."""
    if signal:
        os.kill(os.getpid(), signal)
        await anyio.sleep_forever()
    broken.set()
    return ""

async def work(ctx, effect, folder, name):
    """Leave a trace; then wait for `go` to be there, unless a first call was told to die."""
    with open(f"{folder}/{name}", "a") as file:
        file.write(f"{effect} {ctx.key}\\n")
    ctx.progress(0)
    if Path(folder, "die").exists():
        Path(folder, "die").unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    while Path(folder, "wait").exists():
        await anyio.sleep(0.005)
    return f"{VERSION} {name}"

@tool(effect="pure")
async def look(ctx: ToolContext, folder: str, name: str) -> str:
    """Look."""
    return await work(ctx, "pure", folder, name)

@tool(effect="idempotent")
async def put(ctx: ToolContext, folder: str, name: str) -> str:
    """Put."""
    return await work(ctx, "idempotent", folder, name)

@tool(effect="effectful")
async def send(ctx: ToolContext, folder: str, name: str) -> str:
    """Send."""
    return await work(ctx, "effectful", folder, name)

@hookimpl
@asynccontextmanager
async def activate(context):
    global VERSION
    VERSION = context.settings.get("version", VERSION)
    async with life(context):
        yield Contributions(tools=(say, die, look, put, send))
'''
TOOLS = "".join(
    f'[[contributes.tools]]\nname = "{name}"\nsummary = "{name}"\neffect = "{effect}"\n'
    for name, effect in (
        ("say", "pure"),
        ("die", "pure"),
        ("look", "pure"),
        ("put", "idempotent"),
        ("send", "effectful"),
    )
)


class Workshop:
    """Plugins are editable installs, so that a change of their files needs no new pin."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.site = Site(folder)
        self.home = home
        self._packages: list[str] = []
        for id in FIRST_PARTY:
            write_setting(home, f"plugins.{id}.enabled", False)

    def add(self, id: str, source: str = SOURCE, *, manifest: str = TOOLS, **settings: Any) -> Path:
        about = f'[plugin]\nid = "{id}"\nsummary = "A test"\nstart_timeout = 20.0\n'
        link = self.site.folder / f"{id}_plugin"
        if link.is_symlink() and not link.exists():
            link.unlink()
        whole = manifest if "[plugin]" in manifest else about + manifest
        if "[permissions]" not in whole:  # its tools leave traces in folders that a test makes
            whole += f'[permissions]\nfiles = ["write:{self.site.folder.parent}"]\n'
        root = self.site.add(id, source, manifest=whole)
        if not link.is_symlink():  # the sources of an editable install are elsewhere
            sources = self.site.folder.with_name("sources")
            sources.mkdir(exist_ok=True)
            root = root.rename(sources / root.name)
            link.symlink_to(root)
        metadata = next(self.site.folder.glob(f"{id}_plugin-*.dist-info"))
        direct = {"url": root.as_uri(), "dir_info": {"editable": True}}
        (metadata / "direct_url.json").write_text(json.dumps(direct))
        self._packages.append(root.name)
        importlib.invalidate_caches()
        for key, value in {"enabled": True, **settings}.items():
            self.set(id, key, value)
        return root

    def rewrite(self, id: str, version: str, source: str = SOURCE) -> None:
        """The next version of the plugin's code, moved into place as an installer does."""
        file = self.site.folder / f"{id}_plugin" / "__init__.py"
        new = file.with_suffix(".new")
        new.write_text(source.replace('VERSION = "1"', f'VERSION = "{version}"'), encoding="utf-8")
        new.replace(file)

    def set(self, id: str, key: str, value: Any) -> None:
        write_setting(self.home, f"plugins.{id}.{key}", value)

    def settings(self, flags: Mapping[str, Any] | None = None) -> Settings:
        return load_settings(self.home, flags, environ={})

    def forget(self) -> None:
        for package in self._packages:
            for name in [name for name in sys.modules if name.partition(".")[0] == package]:
                del sys.modules[name]


class Clock:
    """Time that passes only by sleeping before a restart; `slept` are those sleeps. With `hold`, they last until `go`."""

    def __init__(self, *, hold: bool = False) -> None:
        self.time = 1_000_000.0
        self.slept: list[float] = []
        self.go = anyio.Event()
        if not hold:
            self.go.set()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.go.wait()
        self.time += seconds

    def pace(self, **more: Any) -> Pace:
        usual: dict[str, Any] = {"now": lambda: self.time, "sleep": self.sleep, "chance": lambda: 1.0}
        return Pace(**{**usual, "look": 3600.0, **more})


class Context(StandaloneCall):
    """A tool's context; `begun` is set by its first report."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Workspace(folder))
        self.begun = anyio.Event()

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        super().progress(done, total, message)
        self.begun.set()


async def eventually(holds: Callable[[], object]) -> None:
    """For what nobody tells of."""
    while not holds():  # noqa: ASYNC110
        await anyio.sleep(0.01)
