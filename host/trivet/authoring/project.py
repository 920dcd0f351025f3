"""A plugin to be judged: from the folder of its project, from a wheel, or as it is installed here.

A folder is built first and judged by what its wheel holds, since that is what others get.
"""

import importlib.util
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.parser import Parser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from trivet.errors import UnknownPlugin
from trivet.kernel.discovery import MANIFEST, Candidate, discover
from trivet.packages import package_data
from trivet.settings import home_directory
from trivet_sdk.errors import InvalidManifest, TrivetError
from trivet_sdk.hooks import ENTRY_POINTS
from trivet_sdk.manifest import Manifest, parse_manifest


class NotAPlugin(TrivetError):
    """`what` is a path or an id; `reason` reads on after it."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what, reason)
        self.what, self.reason = what, reason

    def __str__(self) -> str:
        return f"{self.what} {self.reason}"


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin's parts as they would be installed."""

    id: str
    """The entry point's name."""
    module: str
    """What the entry point names."""
    distribution: str
    version: str
    requirements: tuple[str, ...]
    package: Path
    """The folder of its package."""
    site: Path | None
    """To be put on the path; None if it is installed here."""
    folder: Path | None
    """Of the sources, with tests and README; None for a wheel and for what is installed without them."""

    @property
    def package_name(self) -> str:
        return re.split(r"[.:]", self.module, maxsplit=1)[0]

    def read(self, name: str) -> bytes | None:
        path = self.package.joinpath(*name.split("/"))
        return path.read_bytes() if path.is_file() else None

    def manifest(self) -> Manifest:
        """Raises InvalidManifest."""
        content = self.read(MANIFEST)
        if content is None:
            reason = f"the wheel's package '{self.package_name}' has no {MANIFEST}; put it beside __init__.py"
            raise InvalidManifest(self.id, reason)
        return parse_manifest(content, self.id)

    def sources(self) -> dict[str, str]:
        """Python files of the package, by their path in it."""
        return {
            path.relative_to(self.package).as_posix(): path.read_text(encoding="utf-8", errors="replace")
            for path in sorted(self.package.rglob("*.py"))
        }


@contextmanager
def opened(what: str) -> Iterator[Project]:
    """The plugin by its id or path, for as long as the scope is open. Raises NotAPlugin or UnknownPlugin."""
    path = Path(what).expanduser()
    if not path.exists():
        yield _installed(what)
        return
    with TemporaryDirectory(prefix="trivet-check-") as temporary:
        if path.is_dir():
            folder = path.resolve()
            wheel = _built(folder, Path(temporary))
        else:
            folder, wheel = None, path
        site = Path(temporary) / "site"
        try:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(site)
        except (zipfile.BadZipFile, OSError):
            raise NotAPlugin(what, "is neither the folder of a project nor a wheel.") from None
        yield _unpacked(what, site, folder)


def _built(folder: Path, temporary: Path) -> Path:
    settings = folder / "pyproject.toml"
    if not settings.exists():
        raise NotAPlugin(str(folder), "holds no pyproject.toml, so it is no project. `trivet plugins new` makes one.")
    try:
        table: dict[str, Any] = tomllib.loads(settings.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NotAPlugin(str(folder), f"has a pyproject.toml that cannot be read: {error}") from None
    done = subprocess.run(
        _build_command(folder, table, temporary), cwd=folder, capture_output=True, text=True, check=False
    )
    wheels = list(temporary.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if re.match(r"(\w+\.)*\w*(Error|Exception)\b", line)]
        raise NotAPlugin(str(folder), f"cannot be built: {[*lines, 'no word of why', *errors][-1]}")
    return wheels[0]


_BUILD = """
import importlib, sys
name, _, attribute = sys.argv[1].partition(":")
backend = importlib.import_module(name)
for part in filter(None, attribute.split(".")):
    backend = getattr(backend, part)
backend.build_wheel(sys.argv[2])
"""


def _build_command(folder: Path, table: Mapping[str, Any], wheels: Path) -> list[str]:
    """By the backend itself (PEP 517) where it is here, so that a check needs no network; else pip fetches it."""
    system = table.get("build-system", {})
    backend = str(system.get("build-backend", "setuptools.build_meta:__legacy__"))
    if (
        importlib.util.find_spec(backend.partition(":")[0].partition(".")[0]) is not None
        and "backend-path" not in system
    ):
        return [sys.executable, "-P", "-c", _BUILD, backend, str(wheels)]
    pip = [sys.executable, "-P", "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    return [*pip, "--wheel-dir", str(wheels), str(folder)]


def _unpacked(what: str, site: Path, folder: Path | None) -> Project:
    for metadata in site.glob("*.dist-info"):
        points = _entry_points(metadata)
        if not points:
            raise NotAPlugin(
                what, f"has no entry point in the group '{ENTRY_POINTS}': add {_entry_point_hint()} to pyproject.toml."
            )
        if len(points) > 1:
            raise NotAPlugin(what, f"has several plugins ({', '.join(sorted(points))}); make a distribution of each.")
        (id, target), *_ = points.items()
        head = Parser().parsestr((metadata / "METADATA").read_text(encoding="utf-8"))
        package = site / re.split(r"[.:]", target, maxsplit=1)[0]
        if not (package / "__init__.py").is_file():
            raise NotAPlugin(
                what,
                f"names '{package.name}' in its entry point '{id}', but its wheel holds no such package. "
                "Check the entry point, and what the build packs ([tool.hatch.build.targets.wheel]).",
            )
        return Project(
            id=id,
            module=target,
            distribution=str(head["Name"]),
            version=str(head["Version"]),
            requirements=tuple(str(each) for each in head.get_all("Requires-Dist", ())),
            package=package,
            site=site,
            folder=folder,
        )
    raise NotAPlugin(what, "is neither the folder of a project nor a wheel.")


def _entry_points(metadata: Path) -> dict[str, str]:
    import configparser

    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # names keep their capitals
    path = metadata / "entry_points.txt"
    parser.read_string(path.read_text(encoding="utf-8") if path.exists() else "")
    return dict(parser[ENTRY_POINTS]) if parser.has_section(ENTRY_POINTS) else {}


def _entry_point_hint() -> str:
    return f'`[project.entry-points."{ENTRY_POINTS}"]` with a line `id = "package"`'


def _installed(id: str) -> Project:
    known = {candidate.id: candidate for candidate in discover(home_directory())}
    if id not in known:
        if "/" in id or "\\" in id or id.endswith(".whl"):
            raise NotAPlugin(id, "does not exist.")
        raise UnknownPlugin(id, known)
    candidate = known[id]
    if candidate.environment:
        raise NotAPlugin(f"plugin '{id}'", "has an environment of its own; check its project or its wheel instead.")
    try:
        folder = package_data.directory(candidate.package)
    except package_data.PackageUnreadable as error:
        raise NotAPlugin(f"plugin '{id}'", f"cannot be checked: {error}") from None
    if folder is None:
        raise NotAPlugin(f"plugin '{id}'", "lies in an archive; give the archive's path instead.")
    return Project(
        id=id,
        module=candidate.target,
        distribution=candidate.distribution,
        version=candidate.version,
        requirements=_requirements(candidate),
        package=folder,
        site=None,
        folder=folder.parent if candidate.is_editable and (folder.parent / "pyproject.toml").exists() else None,
    )


def _requirements(candidate: Candidate) -> tuple[str, ...]:
    import importlib_metadata

    return tuple(importlib_metadata.requires(candidate.distribution) or ())
