"""Real commands in real processes, and tiny plugins as pip would leave them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.host.cli.index import House, Index
from tests.host.cli.plugin import TOOL as TOOL
from tests.host.cli.plugin import WORKING as WORKING
from tests.host.cli.plugin import Done as Done
from tests.host.cli.plugin import clean_environment as clean_environment
from trivet.packages.trust import FIRST_PARTY


class Site:
    """A folder on the path of the commands, as an installer would fill it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def add(
        self,
        id: str,
        source: str = "",
        *,
        manifest: str | None = "",
        entry: str = "",
        version: str = "0.1.0",
        package: str = "",
        distribution: str = "",
        requires: str = "",
    ) -> Path:
        """A distribution `<id>-plugin` with a package of one file. `manifest`: more lines, or None for no manifest."""
        package = package or f"{id}_plugin"
        distribution = distribution or f"{id}-plugin"
        root = self.folder / package
        root.mkdir(exist_ok=True)
        (root / "__init__.py").write_text(source, encoding="utf-8")
        if manifest is not None:
            head = "" if "[plugin]" in manifest else f'[plugin]\nid = "{id}"\nsummary = "A test"\nstart_timeout = 1.0\n'
            (root / "trivet.toml").write_text(head + manifest, encoding="utf-8")
        metadata = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir()
        needs = f"Requires-Dist: {requires}\n" if requires else ""
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n{needs}")
        (metadata / "entry_points.txt").write_text(f"[trivet.plugins]\n{entry or id} = {package}\n")
        return root

    def settle(self) -> None:
        """As if everything had been installed a while ago: what has just changed is not trusted to stay."""
        then = time.time() - 60
        for path in (self.folder, *self.folder.rglob("*")):
            os.utime(path, (then, then))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


Trivet = Callable[..., Done]


@pytest.fixture
def alone(home: Path) -> None:
    """The installed plugins are disabled, for tests that are about others: faster, and free of what those bring."""
    home.mkdir(exist_ok=True)
    tables = (f"[plugins.{id}]\nenabled = false\n" for id in FIRST_PARTY)
    (home / "settings.toml").write_text("".join(tables), encoding="utf-8")


@pytest.fixture
def trivet(tmp_path: Path, home: Path, site: Site) -> Trivet:
    """Run `trivet ARGS` in an empty folder, with a home and plugins of this test only. No standard input."""
    folder = tmp_path / "work"
    folder.mkdir()

    def run(*arguments: str, timeout: float = 60, **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "trivet", *arguments],
            cwd=folder,
            env={**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index(tmp_path / "index")


@pytest.fixture
def house(tmp_path: Path, home: Path, index: Index) -> House:
    return House(tmp_path / "house", home, index)
