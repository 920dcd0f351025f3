"""Packages that settings name: installed outside of the sandbox, imported inside."""

import base64
import hashlib
import os
import secrets
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

import trivet_python
from trivet_sandbox import readiness
from trivet_sdk import PluginError, Tool, ToolError, ToolResult, Workspace
from trivet_sdk.testing import StandaloneCall, StandaloneContext, activated, call, manifest_of
from trivet_sdk.testing.plugin import settings_for

pytestmark = pytest.mark.anyio
MISSING = (
    "there is no wheel of '{}' for Python {} on this machine, and only wheels are taken, as building would run the package's"
    " code. Name another version, or put a wheel into a folder that PIP_FIND_LINKS names"
)
PYTHON = ".".join(map(str, __import__("sys").version_info[:2]))


@pytest.fixture(autouse=True)
def usable(skip_without: Callable[[str, str], None]) -> None:
    found = readiness()
    if not found.is_usable:
        skip_without("bubblewrap", found.reason)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, which is all that pip may look into."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    for name, value in (("NO_INDEX", "1"), ("FIND_LINKS", os.fspath(folder)), ("CONFIG_FILE", os.devnull)):
        monkeypatch.setenv(f"PIP_{name}", value)
    return folder


def wheel(folder: Path, name: str, source: str, version: str = "1.0", needs: str = "") -> None:
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(text.encode())}")
        archive.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,"]) + "\n")


@asynccontextmanager
async def python(home: Path, packages: list[str], **settings: Any) -> AsyncIterator[tuple[Tool, StandaloneContext]]:
    given = settings_for(trivet_python, manifest_of(trivet_python), {"spare": 0, "packages": packages, **settings})
    context = StandaloneContext("python", home, settings=given)
    async with activated(trivet_python, context=context) as contributions:
        yield contributions.tools[0], context


async def ran(tool: Tool, folder: Path, code: str, context: StandaloneCall | None = None) -> ToolResult:
    """In a run of its own and a workspace below the folder, unless the context has others."""
    work = folder / "工作"
    work.mkdir(exist_ok=True)
    given = context or StandaloneCall(Workspace(work), run=secrets.token_hex(8))
    return await call(tool, {"code": code}, context=given, timeout=120)


def built(home: Path) -> list[str]:
    return sorted(each.parent.name for each in home.rglob("built.json"))


async def test_named_packages_and_what_they_need_are_imported(tmp_path: Path, shelf: Path) -> None:
    wheel(shelf, "lantern", "import wick\nlight = wick.length + 1", needs="wick>=1")
    wheel(shelf, "wick", "length = 41")
    work = tmp_path / "工作"
    work.mkdir()
    reports = StandaloneCall(Workspace(work))
    async with python(tmp_path / "home", ["lantern"]) as (tool, context):
        result = await ran(tool, tmp_path, "import lantern\nlantern.light", reports)
        with pytest.raises(ToolError) as raised:
            await ran(
                tool, tmp_path, "open(lantern.__file__, 'w')", StandaloneCall(Workspace(work), run="test", step="s2")
            )

    assert result.text == "42"
    assert context.complaint == ""
    assert "Read-only file system" in str(raised.value)
    assert reports.reports[0][2].startswith("Installing packages: ")
    assert list(work.iterdir()) == []


async def test_what_was_installed_is_not_installed_again(tmp_path: Path, shelf: Path) -> None:
    wheel(shelf, "lantern", "light = 1")
    home = tmp_path / "home"
    async with python(home, ["lantern >=1"]) as (tool, _):
        await ran(tool, tmp_path, "import lantern")
    (shelf / "lantern-1.0-py3-none-any.whl").unlink()
    reports = StandaloneCall(Workspace(shelf), run="another")
    async with python(home, ["lantern>=1"]) as (tool, _):
        assert (await ran(tool, tmp_path, "import lantern\nlantern.light", reports)).text == "1"

    assert reports.reports == []
    assert len(built(home)) == 1


async def test_changed_list_is_installed_anew(tmp_path: Path, shelf: Path) -> None:
    wheel(shelf, "lantern", "light = 1")
    wheel(shelf, "lantern", "light = 2", version="2.0")
    home = tmp_path / "home"
    for requirement, light in (("lantern<2", "1"), ("lantern>=2", "2"), ("lantern<2", "1")):
        async with python(home, [requirement]) as (tool, _):
            assert (await ran(tool, tmp_path, "import lantern\nlantern.light")).text == light

    assert len(built(home)) == 2


async def test_failure_is_one_sentence_and_what_was_installed_before_stays(tmp_path: Path, shelf: Path) -> None:
    wheel(shelf, "lantern", "light = 1")
    home = tmp_path / "home"
    why = f"could not be installed: {MISSING.format('no-such', PYTHON)}"
    async with python(home, ["no-such"]) as (tool, context):
        first = await ran(tool, tmp_path, "print('there')")
    assert context.complaint == (
        f"the packages no-such {why}. Programs do without; `trivet plugins restart python` tries again"
    )
    assert first.text == f"T{context.complaint[1:]}.\nthere"
    async with python(home, ["lantern"]) as (tool, _):
        await ran(tool, tmp_path, "import lantern")
    before = built(home)
    async with python(home, ["lantern", "no-such"]) as (tool, context):
        result = await ran(tool, tmp_path, "import lantern\nlantern.light")

    assert context.complaint == (
        f"the packages lantern, no-such {why}. Programs find those that were installed before;"
        " `trivet plugins restart python` tries again"
    )
    assert result.text == f"T{context.complaint[1:]}.\n1"
    assert built(home) == before
    assert list(home.rglob(".new-*")) == []


async def test_source_of_a_package_is_not_built(tmp_path: Path, shelf: Path) -> None:
    import io
    import tarfile

    with tarfile.open(shelf / "sly-1.0.tar.gz", "w:gz") as archive:
        for name, text in (
            ("PKG-INFO", "Metadata-Version: 2.1\nName: sly\nVersion: 1.0\n"),
            (
                "setup.py",
                f"open({os.fspath(tmp_path / 'ran')!r}, 'w')\nfrom setuptools import setup\nsetup(name='sly')",
            ),
        ):
            member = tarfile.TarInfo(f"sly-1.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    async with python(tmp_path / "home", ["sly"]) as (tool, context):
        await ran(tool, tmp_path, "1")

    assert MISSING.format("sly", PYTHON) in context.complaint
    assert not (tmp_path / "ran").exists()


async def test_packages_that_do_not_fit_together_are_told(tmp_path: Path, shelf: Path) -> None:
    wheel(shelf, "lantern", "", needs="wick<1")
    wheel(shelf, "wick", "")
    wheel(shelf, "wick", "", version="0.5")
    async with python(tmp_path / "home", ["lantern", "wick>=1"]) as (tool, context):
        await ran(tool, tmp_path, "1")

    assert "could not be installed: they do not fit together (" in context.complaint
    assert "Ask for other versions. Programs do without;" in context.complaint


async def test_index_out_of_reach_is_told_with_the_cure(
    tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    async with python(tmp_path / "home", ["lantern"]) as (tool, context):
        await ran(tool, tmp_path, "1")

    assert context.complaint == (
        "the packages lantern could not be installed: the package index cannot be reached. Check the network and pip's settings"
        " (PIP_INDEX_URL, PIP_PROXY), or point PIP_FIND_LINKS at a folder that holds the wheels. Programs do without;"
        " `trivet plugins restart python` tries again"
    )


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        (["two words"], "'two words' among `packages` is no requirement, such as numpy or \"numpy>=2\""),
        (["--index-url=x"], "'--index-url=x' among `packages` is no requirement, such as numpy or \"numpy>=2\""),
        (
            ["sly @ https://example.org/sly.tar.gz"],
            "'sly @ https://example.org/sly.tar.gz' among `packages` names an address. Packages are taken by name, as wheels;"
            " a folder that PIP_FIND_LINKS names may hold the wheel",
        ),
    ],
)
async def test_what_is_no_name_of_a_package_is_refused(tmp_path: Path, packages: list[str], said: str) -> None:
    with pytest.raises(PluginError) as raised:
        async with python(tmp_path / "home", packages):
            pass
    assert str(raised.value) == f"plugin 'python' cannot start: {said}"


async def test_call_that_cannot_wait_so_long_may_be_made_later(
    tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(shelf, "lantern", "light = 1")
    async with python(tmp_path / "home", ["lantern"]) as (tool, _):
        context = StandaloneCall(Workspace(tmp_path), deadline=anyio.current_time() + 1.05)
        with pytest.raises(ToolError) as raised:
            await ran(tool, tmp_path, "import lantern", context)
        assert str(raised.value).startswith("The packages are still being installed (")
        assert raised.value.is_transient
        assert (await ran(tool, tmp_path, "import lantern\nlantern.light")).text == "1"


async def test_two_hosts_install_once(tmp_path: Path, shelf: Path) -> None:
    wheel(shelf, "lantern", "light = 1")
    home = tmp_path / "home"
    async with python(home, ["lantern"]) as (one, _), python(home, ["lantern"]) as (two, _):
        for tool in (one, two):
            assert (await ran(tool, tmp_path, "import lantern\nlantern.light")).text == "1"

    assert len(built(home)) == 1
    assert list(home.rglob(".new-*")) == []


@pytest.mark.network
async def test_wheel_of_the_registry_is_imported(tmp_path: Path) -> None:
    async with python(tmp_path / "home", ["tabulate>=0.9"]) as (tool, context):
        result = await ran(tool, tmp_path, "import tabulate\nprint(tabulate.tabulate([['甲', 1]]))")
    if "cannot be reached" in context.complaint:
        pytest.skip(context.complaint)

    assert "甲" in result.text
