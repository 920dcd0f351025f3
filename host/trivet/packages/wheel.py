"""A wheel before it is installed: what it is, and every file that it would bring. Nothing of it is run."""

import configparser
import hashlib
import posixpath
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name

from trivet.errors import InstallError
from trivet_sdk.errors import InvalidManifest
from trivet_sdk.hooks import ENTRY_POINTS
from trivet_sdk.manifest import Manifest, parse_manifest

MANIFEST = "trivet.toml"


class WheelContents(msgspec.Struct, frozen=True, kw_only=True):
    path: Path
    name: str
    """As its metadata spell it."""
    version: str
    requires: tuple[str, ...]
    plugins: dict[str, str]
    """Id -> what the entry point names."""
    scripts: tuple[str, ...]
    """Names of commands that it would put beside `trivet`."""
    files: tuple[str, ...]
    """Paths below site-packages, as they would be installed."""
    size: int
    """Bytes of the wheel."""

    @property
    def key(self) -> str:
        return canonicalize_name(self.name)

    @property
    def sha256(self) -> str:
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def read_wheel(path: Path) -> WheelContents:
    """Raises InstallError for a file that is no wheel."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [member.filename for member in archive.infolist() if not member.is_dir()]
            for member in archive.infolist():
                _refuse_unplain(path.name, member.filename)
            info = next(name.partition("/")[0] for name in names if name.endswith(".dist-info/METADATA"))
            metadata = HeaderParser().parsestr(archive.read(f"{info}/METADATA").decode("utf-8"))
            points = _entry_points(archive, f"{info}/entry_points.txt", names)
    except (zipfile.BadZipFile, StopIteration, UnicodeDecodeError, KeyError):
        raise InstallError(path.name, "this is no wheel: it cannot be read, or has no metadata.") from None
    except configparser.Error:
        raise InstallError(path.name, "its entry points cannot be read.") from None
    placed = [_placed(name) for name in names]
    scripts = {name for area, name in placed if area == "scripts"} | set(points.get("console_scripts", {}))
    return WheelContents(
        path=path,
        name=str(metadata["Name"]),
        version=str(metadata["Version"]),
        requires=tuple(metadata.get_all("Requires-Dist") or ()),
        plugins=points.get(ENTRY_POINTS, {}),
        scripts=tuple(sorted(scripts | set(points.get("gui_scripts", {})))),
        files=tuple(sorted(name for area, name in placed if area == "site")),
        size=path.stat().st_size,
    )


def manifest_of(wheel: WheelContents, id: str) -> Manifest:
    """The manifest of one of its plugins. Raises InstallError."""
    package = wheel.plugins[id].partition(":")[0].partition(".")[0]
    place = f"{package}/{MANIFEST}"
    try:
        with zipfile.ZipFile(wheel.path) as archive:
            member = next(name for name in archive.namelist() if _placed(name) == ("site", place))
            manifest = parse_manifest(archive.read(member), id)
    except StopIteration:
        raise InstallError(
            wheel.name, f"its plugin '{id}' has no manifest: package '{package}' has no {MANIFEST}."
        ) from None
    except InvalidManifest as error:
        raise InstallError(wheel.name, f"the manifest of its plugin '{id}' cannot be used: {error.reason}.") from None
    if manifest.id != id:
        raise InstallError(wheel.name, f"its manifest says id '{manifest.id}', but its entry point is named '{id}'.")
    return manifest


def content_of(wheel: WheelContents, file: str) -> bytes:
    """What it would put at this path below site-packages."""
    with zipfile.ZipFile(wheel.path) as archive:
        return archive.read(next(name for name in archive.namelist() if _placed(name) == ("site", file)))


def _refuse_unplain(what: str, name: str) -> None:
    """Names are compared with other packages' files as they are spelled, so each file may have one spelling only."""
    plain = name.removesuffix("/")
    if posixpath.isabs(plain) or "\\" in plain or ".." in plain.split("/") or posixpath.normpath(plain) != plain:
        raise InstallError(what, f"it holds '{name}', which is no plain path inside a wheel. Nothing was installed.")


def _entry_points(archive: zipfile.ZipFile, name: str, names: list[str]) -> dict[str, dict[str, str]]:
    if name not in names:
        return {}
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names are case-sensitive
    parser.read_string(archive.read(name).decode("utf-8"))
    return {
        section: {key: value.partition("[")[0].strip() for key, value in parser[section].items()} for section in parser
    }


def _placed(name: str) -> tuple[str, str]:
    """Where an installer would put a member: ("site", path), ("scripts", name) or ("other", name)."""
    top, _, rest = name.partition("/")
    if not top.endswith(".data"):
        return "site", name
    area, _, path = rest.partition("/")
    if area in ("purelib", "platlib"):
        return "site", path
    if area == "scripts" or (area == "data" and path.startswith("bin/")):
        return "scripts", path.rpartition("/")[2]
    if area == "data" and "/site-packages/" in f"/{path}":
        return "site", f"/{path}".partition("/site-packages/")[2]
    return "other", path
