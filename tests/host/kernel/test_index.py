"""What discovery keeps: used while nothing changed, and never believed after."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.host.cli.conftest import TOOL, Site
from trivet.kernel.candidate import Candidate
from trivet.kernel.discovery import discover, environment_paths


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site(tmp_path / "site")
    monkeypatch.syspath_prepend(site.folder)
    return site


def found(home: Path, id: str = "extra") -> Candidate | None:
    return next((candidate for candidate in discover(home) if candidate.id == id), None)


def kept(home: Path) -> Path:
    (path,) = (home / "cache").glob("installed-*.json")
    return path


@pytest.fixture
def marked(home: Path, site: Site) -> Callable[[], bool]:
    """The plugin `extra` is installed and indexed; says whether the index still speaks, by a mark that is only in it."""
    site.add("extra", manifest=TOOL)
    site.settle()
    assert found(home) is not None
    kept(home).write_text(kept(home).read_text().replace("A test", "The index says so"))

    def speaks() -> bool:
        candidate = found(home)
        return (
            candidate is not None and candidate.manifest is not None and candidate.manifest.plugin.summary != "A test"
        )

    assert speaks()
    return speaks


def test_manifest_that_was_edited_is_read_although_no_directory_changed(
    home: Path, site: Site, marked: Callable[[], bool]
) -> None:
    manifest = site.folder / "extra_plugin" / "trivet.toml"
    before = (manifest.parent.stat(), site.folder.stat())
    manifest.write_text(manifest.read_text().replace("Say a text", "Shout a text"))
    assert (manifest.parent.stat().st_mtime_ns, site.folder.stat().st_mtime_ns) == tuple(s.st_mtime_ns for s in before)
    candidate = found(home)
    assert candidate is not None
    assert candidate.manifest is not None
    assert candidate.manifest.contributes.tools[0].summary == "Shout a text again"
    assert not marked()


def test_installing_and_uninstalling_are_seen(home: Path, site: Site, marked: Callable[[], bool]) -> None:
    site.add("more")
    assert found(home, "more") is not None
    shutil.rmtree(site.folder / "more_plugin")
    shutil.rmtree(site.folder / "more_plugin-0.1.0.dist-info")
    assert found(home, "more") is None
    assert not marked()


def test_entry_point_that_was_edited_in_place_is_seen(home: Path, site: Site, marked: Callable[[], bool]) -> None:
    points = site.folder / "extra_plugin-0.1.0.dist-info" / "entry_points.txt"
    points.write_text("[trivet.plugins]\nrenamed = extra_plugin\n")
    assert found(home) is None
    assert found(home, "renamed") is not None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: '{"plugins": []}',
        lambda text: text.replace('["', '["another Python ', 1),
        lambda text: "\ufffd" * 100,
    ],
)
def test_stale_truncated_and_foreign_indexes_are_rebuilt(
    home: Path, marked: Callable[[], bool], spoil: Callable[[str], str]
) -> None:
    kept(home).write_text(spoil(kept(home).read_text()))
    assert not marked()
    assert "A test" in kept(home).read_text(), "it is whole again"


def test_directory_without_plugins_may_come_and_go(
    home: Path, marked: Callable[[], bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "report.txt").touch()
    monkeypatch.syspath_prepend(work)
    assert marked()
    (work / "more.txt").touch()
    assert marked()
    (work / "extra_plugin").mkdir()
    (work / "extra_plugin" / "__init__.py").touch()
    assert not marked(), "it hides the installed package"
    assert (candidate := found(home)) is not None
    assert candidate.problem == "package 'extra_plugin' has no trivet.toml"


def test_what_has_just_changed_is_not_kept(home: Path, site: Site) -> None:
    site.add("extra")
    soon = time.time() + 60
    os.utime(site.folder / "extra_plugin" / "trivet.toml", (soon, soon))
    assert found(home) is not None
    assert not list((home / "cache").glob("installed-*.json"))


def test_wheel_on_the_path_is_found_and_its_replacement_seen(
    home: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = Site(tmp_path / "packed")
    packed.add("wheel", manifest=TOOL, version="1.0")
    archive = shutil.make_archive(str(tmp_path / "wheel"), "zip", packed.folder)
    os.utime(archive, (time.time() - 60,) * 2)
    monkeypatch.syspath_prepend(archive)
    for _ in range(2):
        assert (candidate := found(home, "wheel")) is not None
        assert (candidate.version, candidate.location) == ("1.0", archive)
    shutil.rmtree(packed.folder)
    packed = Site(tmp_path / "packed")
    packed.add("wheel", manifest=TOOL, version="2.0")
    shutil.make_archive(str(tmp_path / "wheel"), "zip", packed.folder)
    candidate = found(home, "wheel")
    assert candidate is not None
    assert candidate.version == "2.0"


def test_of_two_versions_on_the_path_the_first_counts(
    home: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.add("extra", version="1.0")
    later = Site(tmp_path / "later")
    later.add("extra", version="2.0")
    for each in (site, later):
        each.settle()
    monkeypatch.syspath_prepend(later.folder)
    assert [each.version for each in discover(home) if each.id == "extra"] == ["2.0"]
    monkeypatch.syspath_prepend(site.folder)
    assert [each.version for each in discover(home) if each.id == "extra"] == ["1.0"]


def test_home_that_cannot_be_written_costs_only_time(home: Path, site: Site) -> None:
    site.add("extra")
    site.settle()
    home.mkdir()
    (home / "cache").write_text("a file where the directory should be")
    assert found(home) is not None
    assert found(home) is not None


def environment(home: Path, id: str, digest: str, version: str) -> Site:
    """As an installer makes one: an interpreter, site-packages with the plugin and what it needs."""
    folder = home / "plugins" / id / digest
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    (folder / "lib" / "python3.11").mkdir(parents=True)
    apart = Site(folder / "lib" / "python3.11" / "site-packages")
    apart.add(id, manifest=TOOL, version=version)
    apart.add("needed")
    apart.settle()
    return apart


def test_plugin_with_an_environment_of_its_own_is_found_there(home: Path, site: Site) -> None:
    site.add("extra", version="1.0")
    site.settle()
    apart = environment(home, "extra", "d1", "2.0")
    for _ in range(2):
        candidate = found(home)
        assert candidate is not None
        assert candidate.version == "2.0"
        assert candidate.environment == str(home / "plugins" / "extra" / "d1")
        assert candidate.location == str(apart.folder / "extra_plugin")
        assert found(home, "needed") is None, "what it needs is its own affair"
    (home / "plugins" / "extra" / "d1" / "bin" / "python").unlink()
    candidate = found(home)
    assert candidate is not None
    assert candidate.version == "1.0", "without an interpreter it is no longer in use"


def test_newer_of_two_environments_counts_and_half_made_ones_do_not(home: Path, site: Site) -> None:
    for age, (digest, version) in enumerate((("new", "2.0"), ("old", "1.0"), (".new-7", "3.0"))):
        environment(home, "extra", digest, version)
        os.utime(home / "plugins" / "extra" / digest, (time.time() - 100 * age,) * 2)
    candidate = found(home)
    assert candidate is not None
    assert candidate.version == "2.0"
    assert [path.name for path in environment_paths(home)] == ["old", "new"]


def test_editable_plugin_in_an_environment_is_found_by_its_path_file(home: Path, site: Site, tmp_path: Path) -> None:
    apart = environment(home, "extra", "d1", "1.0")
    project = tmp_path / "项目"
    shutil.move(apart.folder / "extra_plugin", project / "extra_plugin")
    (apart.folder / "_extra.pth").write_text(f"import this_is_code\n# a comment\n{project}\n", encoding="utf-8")
    candidate = found(home)
    assert candidate is not None
    assert candidate.location == str(project / "extra_plugin")
