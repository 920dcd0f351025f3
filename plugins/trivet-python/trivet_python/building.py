"""The environment of the packages that settings name, made while nobody waits, and waited for by who needs it."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from importlib.metadata import distributions
from pathlib import Path

import anyio
import anyio.to_thread

from trivet_python.environment import NEW, Place
from trivet_python.wheels import NotInstalled, install

_TURN = 0.2
"""Seconds between two looks at whether another host has finished the same."""

Tell = Callable[[str], None]


class Environment:
    """`site` and `failure` hold once `ready` is set."""

    def __init__(self, place: Place | None) -> None:
        """None: no packages are named."""
        self.ready = anyio.Event()
        self.site: Path | None = None
        """Where packages lie; None if there are none."""
        self.failure = ""
        """A sentence, if they could not be installed; `site` is then what was built before, for another list."""
        self.now = ""
        """What goes on, in a few words."""
        self._place = place
        if place is None:
            self.ready.set()
        elif place.is_built:
            self._be_ready(place)

    async def build(self, complain: Tell) -> None:
        """Unless it is there. `complain` is told if it cannot be made."""
        place = self._place
        if place is None or self.ready.is_set():
            return
        try:
            place.folder.mkdir(parents=True, exist_ok=True)
            async with _alone(place.folder):
                if not place.is_built:
                    await self._made(place)
            self._be_ready(place)
        except (NotInstalled, OSError) as error:
            reason = str(error) if isinstance(error, NotInstalled) else f"{error.strerror}: '{error.filename}'"
            former = place.former()
            use = "Programs find those that were installed before" if former else "Programs do without"
            self.failure = (
                f"the packages {', '.join(place.requirements)} could not be installed: {reason}. {use};"
                " `trivet plugins restart python` tries again"
            )
            self.site = former
            self.ready.set()
            complain(self.failure)

    def _be_ready(self, place: Place) -> None:
        place.use()
        self.site = place.site
        self.ready.set()

    async def _made(self, place: Place) -> None:
        await anyio.to_thread.run_sync(place.sweep)
        new = Path(tempfile.mkdtemp(prefix=NEW, dir=place.folder))
        try:
            new.chmod(0o755)
            site = new / "site"
            site.mkdir()
            async with aclosing(install(place.requirements, site)) as steps:
                async for step in steps:
                    self.now = step
            packages = {each.name: each.version for each in distributions(path=[os.fspath(site)])}
            await anyio.to_thread.run_sync(place.publish, new, packages)
        finally:
            shutil.rmtree(new, ignore_errors=True)


@asynccontextmanager
async def _alone(folder: Path) -> AsyncIterator[None]:
    """One host at a time; the lock goes with the process that holds it."""
    with open(folder / ".lock", "a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await anyio.sleep(_TURN)
        yield
