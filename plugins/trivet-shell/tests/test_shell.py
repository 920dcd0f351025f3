"""The tool, called as the host calls it, in real sandboxes; and through whole runs."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

import trivet_shell
from trivet_sandbox import confirmation, readiness
from trivet_sandbox.reduced import reduced_readiness
from trivet_sdk import PluginError, ToolError, ToolResult, Workspace
from trivet_sdk.conformance import check_plugin
from trivet_sdk.testing import StandaloneCall, StandaloneContext, activated, call, manifest_of
from trivet_sdk.testing.plugin import settings_for

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def usable(skip_without: Callable[[str, str], None]) -> None:
    found = readiness()
    if not found.is_usable:
        skip_without("bubblewrap", found.reason)


async def run(folder: Path, command: str, **settings: Any) -> ToolResult:
    manifest = manifest_of(trivet_shell)
    context = StandaloneContext(manifest.id, folder / ".home", settings=settings_for(trivet_shell, manifest, settings))
    async with activated(trivet_shell, context=context) as contributions:
        return await call(contributions.tools[0], {"command": command}, context=StandaloneCall(Workspace(folder)))


async def failure(folder: Path, command: str, **more: Any) -> str:
    with pytest.raises(ToolError) as raised:
        await run(folder, command, **more)
    return str(raised.value)


async def test_plugin_keeps_its_contract(tmp_path: Path) -> None:
    assert await check_plugin(trivet_shell, samples={"run": [{"command": "echo 好"}]}, workspace=tmp_path) == ()


async def test_result_is_what_it_prints_and_the_files_that_it_changed(tmp_path: Path) -> None:
    (tmp_path / "数.txt").write_text("3\n1\n2\n")
    (tmp_path / "old").touch()
    result = await run(tmp_path, "sort 数.txt | tee 排.txt && rm old && echo gone >&2")
    assert result.text == "1\n2\n3\nOn stderr: gone\nWritten: 排.txt\nRemoved: old"
    assert result.value == {"stdout": "1\n2\n3\n", "stderr": "gone\n", "files": ["排.txt"]}
    assert result.artifacts == ("排.txt",)


async def test_command_that_fails_says_its_status_after_what_it_printed(tmp_path: Path) -> None:
    assert await failure(tmp_path, "echo half; touch a; exit 3") == (
        "half\nWritten: a\nThe command ended with status 3."
    )
    assert await failure(tmp_path, "no-such-program") == (
        "On stderr: /bin/sh: 1: no-such-program: not found\nThe command ended with status 127."
    )


async def test_command_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    begun = time.monotonic()
    said = await failure(tmp_path, "echo begun; (sleep 50; touch late) & sleep 50", timeout=1.5)
    assert time.monotonic() - begun < 20
    assert said == "begun\nThe command did not end within 1.5 seconds, and was ended with all that it had started."
    await anyio.sleep(0.2)
    assert not (tmp_path / "late").exists()


@pytest.mark.flaky(reruns=3)  # of wall time on a shared machine
async def test_cancelled_command_is_ended_at_once(tmp_path: Path) -> None:
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run, tmp_path, "touch begun; sleep 3; touch late")
            while not (tmp_path / "begun").exists():  # noqa: ASYNC110 - made by another program
                await anyio.sleep(0.01)
            begun = time.monotonic()
            tasks.cancel_scope.cancel()
    assert time.monotonic() - begun < 2
    await anyio.sleep(3.2)
    assert not (tmp_path / "late").exists()


@pytest.mark.parametrize(
    ("profile", "command", "said"),
    [
        ("write", "cat a && echo new > b && cat b", "old\nnew\nWritten: b"),
        ("read", "cat a; (echo new > b) 2>/dev/null || echo no", "old\nno"),
        ("none", "ls; echo alone", "alone"),
    ],
)
async def test_profile_says_what_it_may_do_with_the_workspace(
    tmp_path: Path, profile: str, command: str, said: str
) -> None:
    (tmp_path / "a").write_text("old\n")
    assert (await run(tmp_path, command, profile=profile)).text == said


@pytest.mark.parametrize(
    "command",
    [
        "cat /etc/passwd",
        "ls /root /home",
        "cat /proc/1/environ",
        "ln -s /etc/hostname link && cat link",
        "exec 3<>/dev/tcp/127.0.0.1/22",
        "mount -t tmpfs none /workspace",
        "kill -9 1 && false",
        "chmod u+s /workspace/x",
    ],
)
async def test_nothing_of_the_machine_is_in_reach(tmp_path: Path, command: str) -> None:
    (tmp_path / "x").touch()
    await failure(tmp_path, command)


async def test_command_is_the_shells_whatever_signs_are_in_it(tmp_path: Path) -> None:
    command = """printf '%s|' 'a"b' "c'd" '{e}' '\\n' $((1+1)) 引"""
    assert (await run(tmp_path, command)).text == "a\"b|c'd|{e}|\\n|2|引|"


@pytest.fixture
def landlock(skip_without: Callable[[str, str], None]) -> None:
    found = reduced_readiness()
    if not found.is_usable:
        skip_without("landlock", found.reason)


@pytest.mark.usefixtures("landlock")
async def test_reduced_backend_is_chosen_by_name_and_stamped(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "other").write_text("private")
    result = await run(work, "echo 好 > a && cat a", backend="landlock")
    assert result.text == "Run in the reduced sandbox 'landlock'.\n好\nWritten: a"
    assert isinstance(result.value, dict)
    assert result.value["isolation"] == "reduced"
    said = await failure(work, f"cat {tmp_path / 'other'}", backend="landlock")
    assert said.startswith("Run in the reduced sandbox 'landlock'.\nOn stderr: cat: ")
    assert said.endswith("Permission denied\nThe command ended with status 1.")


async def test_no_sandbox_takes_an_agreement_and_is_stamped_and_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tmp_path / "machine-id"
    machine.write_text("0123456789abcdef" * 2)
    monkeypatch.setattr(confirmation, "FILES", (machine,))
    subject = "plugins.shell.config.unsafe_no_sandbox"
    with pytest.raises(PluginError) as raised:
        await run(tmp_path, "touch made", unsafe_no_sandbox=True)
    assert str(raised.value).startswith(f"plugin 'shell' cannot start: '{subject}' is set, but not confirmed")
    assert not (tmp_path / "made").exists()

    agreed = confirmation.confirmation(subject)
    assert (await run(tmp_path, "true", unsafe_no_sandbox=agreed)).text == (
        "Run without a sandbox, as `unsafe_no_sandbox` says.\nIt printed nothing, and ended with status 0."
    )
    manifest = manifest_of(trivet_shell)
    settings = settings_for(trivet_shell, manifest, {"unsafe_no_sandbox": agreed})
    context = StandaloneContext("shell", tmp_path / ".home", settings=settings)
    async with activated(trivet_shell, context=context) as contributions:
        spec = contributions.tools[0].spec
    assert (spec.effect, spec.egress, spec.untrusted_output) == ("effectful", True, True)


@pytest.mark.parametrize("backend", ["bubblewrap", "landlock"])
async def test_missing_sandbox_is_an_error_and_nothing_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("trivet_sandbox.bubblewrap._packaged", lambda: None)
    monkeypatch.setattr("trivet_sandbox.reduced.landlock_abi", lambda: 0)
    reduced_readiness.cache_clear()
    try:
        said = await failure(tmp_path, "touch ran", backend=backend)
    finally:
        reduced_readiness.cache_clear()
    assert said.startswith("No command can be run: ")
    assert not (tmp_path / "ran").exists()
