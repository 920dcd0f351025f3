"""Wheels in a folder, which stands in for a package index, and an environment of trivet that installs from it."""

import base64
import hashlib
import os
import signal
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.host.cli.plugin import TOOL, WORKING, Done, clean_environment


def manifest(id: str, more: str = TOOL, plugin: str = "") -> str:
    return f'[plugin]\nid = "{id}"\nsummary = "A test"\nstart_timeout = 5.0\n{plugin}{more}'


class Index:
    """`wheel` puts any distribution into the folder, `plugin` one with a working plugin in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def wheel(
        self, name: str, version: str, files: Mapping[str, str], *, requires: Sequence[str] = (), points: str = ""
    ) -> Path:
        stem = f"{name.replace('-', '_')}-{version}"
        info = f"{stem}.dist-info"
        needs = "".join(f"Requires-Dist: {text}\n" for text in requires)
        content = {
            **files,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            **({f"{info}/entry_points.txt": points} if points else {}),
        }
        path = self.folder / f"{stem}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for place, text in content.items():
                archive.writestr(place, text)
            rows = [f"{place},{_hash(text)},{len(text.encode())}" for place, text in content.items()]
            archive.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,", ""]))
        return path

    def plugin(
        self,
        id: str,
        version: str = "0.1",
        *,
        source: str = WORKING,
        toml: str | None = None,
        files: Mapping[str, str] | None = None,
        requires: Sequence[str] = (),
        points: str = "",
        name: str = "",
    ) -> Path:
        package = f"{id}_plugin"
        content = {
            f"{package}/__init__.py": source,
            f"{package}/trivet.toml": manifest(id) if toml is None else toml,
            **(files or {}),
        }
        entry = f"[trivet.plugins]\n{id} = {package}\n{points}"
        return self.wheel(name or f"{id}-plugin", version, content, requires=requires, points=entry)


class House:
    """trivet in an environment that a test may change: its own site-packages first, then those that run the test."""

    def __init__(self, folder: Path, home: Path, index: Index, *, has_pip: bool = True) -> None:
        self.home = home
        self.folder = folder
        venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
        self.python = folder / "bin" / "python"
        self.site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
        beyond = Path(sysconfig.get_path("purelib"))
        if not has_pip:
            beyond = _without_pip(beyond, folder / "beyond")
        line = f"import site; site.addsitedir({str(beyond)!r})\n"
        (self.site / "house.pth").write_text(line, encoding="utf-8")
        self.work = folder / "work"
        self.work.mkdir()
        own = {name: value for name, value in clean_environment().items() if not name.startswith(("PIP_", "UV_"))}
        self.environment = {
            **own, "TRIVET_HOME": str(home), "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(index.folder), "PATH": f"{folder / 'bin'}{os.pathsep}{os.defpath}",
        }  # fmt: skip

    def trivet(self, *arguments: str, timeout: float = 120, **environment: str) -> Done:
        with self.begun(*arguments, **environment) as process:
            out, err = process.communicate(timeout=timeout)
        return Done(process.returncode, out, err)

    @contextmanager
    def begun(self, *arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
        process = subprocess.Popen(
            [str(self.python), "-m", "trivet", *arguments],
            cwd=self.work, env={**self.environment, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()

    def installed(self) -> dict[str, str]:
        """What its own site-packages hold: name -> version."""
        found = (path.name.removesuffix(".dist-info").rpartition("-") for path in self.site.glob("*.dist-info"))
        return {name: version for name, _, version in found}


def _without_pip(site: Path, folder: Path) -> Path:
    folder.mkdir()
    for path in site.iterdir():
        if path.name != "pip" and not path.name.startswith("pip-"):
            (folder / path.name).symlink_to(path)
    return folder


def _hash(text: str) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
