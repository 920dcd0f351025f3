"""Less than the sandbox: by name, by agreement, and never because the sandbox is not there."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import trivet_python
from trivet_python.events import ProgramRan
from trivet_sandbox import confirmation, readiness
from trivet_sandbox.confirmation import confirmation as agreement
from trivet_sandbox.reduced import reduced_readiness
from trivet_sdk import PluginError, Tool, ToolError, ToolResult, Workspace
from trivet_sdk.conformance import check_plugin
from trivet_sdk.errors import InvalidArguments
from trivet_sdk.testing import StandaloneCall, StandaloneContext, activated, call, manifest_of
from trivet_sdk.testing.plugin import settings_for

pytestmark = pytest.mark.anyio
SUBJECT = "plugins.python.config.unsafe_no_sandbox"
STAMP = "Run without a sandbox, as `unsafe_no_sandbox` says."


@pytest.fixture(autouse=True)
def machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine's id of the test's own, as containers have none."""
    file = tmp_path_factory.mktemp("machine") / "machine-id"
    file.write_text("0123456789abcdef" * 2 + "\n")
    monkeypatch.setattr(confirmation, "FILES", (file,))


@pytest.fixture
def landlock(skip_without: Callable[[str, str], None]) -> None:
    found = reduced_readiness()
    if not found.is_usable:
        skip_without("landlock", found.reason)


@asynccontextmanager
async def python(home: Path, id: str = "python", **settings: Any) -> AsyncIterator[tuple[Tool, StandaloneContext]]:
    manifest = manifest_of(trivet_python)
    context = StandaloneContext(id, home, settings=settings_for(trivet_python, manifest, {"spare": 0, **settings}))
    async with activated(trivet_python, context=context) as contributions:
        yield contributions.tools[0], context


async def ran(tool: Tool, folder: Path, code: str, run: str = "r1", **files: Path) -> ToolResult:
    place = Workspace(folder, {name.replace("_", "."): path for name, path in files.items()})
    return await call(tool, {"code": code}, context=StandaloneCall(place, run=run, step=f"s{abs(hash(code))}"))


async def test_program_without_a_sandbox_is_stamped_wherever_it_is_told(tmp_path: Path) -> None:
    async with python(tmp_path / "home", unsafe_no_sandbox=agreement(SUBJECT)) as (tool, context):
        result = await ran(tool, tmp_path, "print('你好')\n6 * 7")
        with pytest.raises(ToolError) as raised:
            await ran(tool, tmp_path, "1 / 0")

    assert result.text == f"{STAMP}\n你好\n42"
    assert result.value == {"value": 42, "stdout": "你好\n", "files": [], "isolation": "none"}
    assert str(raised.value).startswith(f"{STAMP}\nTraceback (most recent call last):\n")
    told = [event for event in context.emitted if isinstance(event, ProgramRan)]
    assert [(each.run, each.status, each.isolation) for each in told] == [("r1", "ok", "none"), ("r1", "error", "none")]


async def test_without_a_sandbox_every_call_is_asked_about(tmp_path: Path) -> None:
    async with python(tmp_path / "a") as (tool, _):
        assert (tool.spec.effect, tool.spec.egress, tool.spec.untrusted_output) == ("idempotent", False, False)
    async with python(tmp_path / "b", unsafe_no_sandbox=agreement(SUBJECT)) as (tool, _):
        assert (tool.spec.effect, tool.spec.egress, tool.spec.untrusted_output) == ("effectful", True, True)


async def test_without_a_sandbox_limits_hold(tmp_path: Path) -> None:
    async with python(tmp_path / "home", unsafe_no_sandbox=agreement(SUBJECT), timeout=0.5, memory=64) as (tool, _):
        for code, said in (
            (
                "while True: pass",
                "The program did not end within 0.5 seconds and was ended; what it had defined is lost.",
            ),
            ("x = b'x' * (100 << 20)", "MemoryError"),
        ):
            with pytest.raises(ToolError) as raised:
                await ran(tool, tmp_path, code)
            assert str(raised.value).endswith(said)
        assert len((await ran(tool, tmp_path, "print('x' * 3_000_000)")).text) < 7000


@pytest.mark.parametrize("value", [True, "yes", "true", "agreed-00000000000000000000000000000000"])
async def test_setting_that_nobody_agreed_to_keeps_the_plugin_from_starting(tmp_path: Path, value: object) -> None:
    with pytest.raises(PluginError) as raised:
        async with python(tmp_path / "home", unsafe_no_sandbox=value):
            pass
    assert str(raised.value) == (
        f"plugin 'python' cannot start: '{SUBJECT}' is set, but not confirmed for this machine and user. If programs shall run"
        f" without a sandbox, run `trivet config set {SUBJECT} true` and agree; else `trivet config set {SUBJECT} --unset`"
    )


async def test_agreement_for_one_plugin_is_none_for_another_instance_of_it(tmp_path: Path) -> None:
    with pytest.raises(PluginError) as raised:
        async with python(tmp_path / "home", id="python-two", unsafe_no_sandbox=agreement(SUBJECT)):
            pass
    assert "'plugins.python-two.config.unsafe_no_sandbox' is set, but not confirmed" in str(raised.value)


@pytest.mark.parametrize("wish", [{"unsafe_no_sandbox": True}, {"backend": "landlock"}, {"isolation": "none"}])
async def test_whoever_calls_the_tool_cannot_wish_for_less(tmp_path: Path, wish: dict[str, object]) -> None:
    """A model, an MCP client or another plugin: all they have is the tool's arguments."""
    async with python(tmp_path / "home") as (tool, _):
        assert list(tool.spec.parameters["properties"]) == ["code"]
        assert tool.spec.parameters["additionalProperties"] is False
        with pytest.raises(InvalidArguments):
            await call(tool, {"code": "1", **wish}, context=StandaloneCall(Workspace(tmp_path)))


@pytest.mark.parametrize("backend", ["bubblewrap", "landlock"])
async def test_missing_sandbox_is_an_error_and_nothing_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path / "nothing"))
    monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(tmp_path / "cache"))
    monkeypatch.setattr("trivet_sandbox.bubblewrap._packaged", lambda: None)
    monkeypatch.setattr("trivet_sandbox.reduced.landlock_abi", lambda: 0)
    reduced_readiness.cache_clear()
    try:
        async with python(tmp_path / "home", backend=backend) as (tool, context):
            with pytest.raises(ToolError) as raised:
                await ran(tool, tmp_path, "open('ran', 'w')")
    finally:
        reduced_readiness.cache_clear()

    missing = {
        "bubblewrap": "bubblewrap is not installed. ",
        "landlock": "this kernel has no Landlock, or was started without it. ",
    }
    assert str(raised.value).startswith(f"No program can be run: {missing[backend]}")
    assert not (tmp_path / "ran").exists()
    assert context.emitted == []


@pytest.mark.usefixtures("landlock")
async def test_reduced_backend_is_chosen_by_name_and_stamped(tmp_path: Path) -> None:
    work, attached = tmp_path / "work", tmp_path / "blob"
    work.mkdir()
    attached.write_text("attached")
    async with python(tmp_path / "home", backend="landlock") as (tool, context):
        assert tool.spec.effect == "idempotent"
        result = await ran(tool, work, "open('a.txt', 'w').write('x')", 数据_csv=attached)
        with pytest.raises(ToolError) as raised:
            await ran(tool, work, f"open({os.fspath(attached.parent / 'other')!r}, 'w')", 数据_csv=attached)
        stamp, where, *_ = result.text.splitlines()
        folder = where.removeprefix("Attachments are in ").removesuffix(", and /attachments does not exist.")
        read = await ran(tool, work, f"open({folder!r} + '/数据.csv').read()", 数据_csv=attached)

    assert stamp == "Run in the reduced sandbox 'landlock'."
    assert isinstance(result.value, dict)
    assert result.value["isolation"] == "reduced"
    assert "PermissionError: [Errno 13] Permission denied" in str(raised.value)
    assert read.text == f"{stamp}\n'attached'"
    assert {each.isolation for each in context.emitted if isinstance(each, ProgramRan)} == {"reduced"}


async def test_full_sandbox_has_no_stamp_and_its_event(
    tmp_path: Path, skip_without: Callable[[str, str], None]
) -> None:
    if not readiness().is_usable:
        skip_without("bubblewrap", readiness().reason)
    async with python(tmp_path / "home") as (tool, context):
        result = await ran(tool, tmp_path, "1")

    assert result.text == "1"
    (event,) = context.emitted
    assert isinstance(event, ProgramRan)
    assert (event.isolation, event.status) == ("full", "ok")


# On a busy machine a spare interpreter can outlive the examination, and be named when it is collected.
@pytest.mark.usefixtures("landlock")
async def test_reduced_plugin_keeps_its_contract(tmp_path: Path) -> None:
    samples = {"python": [{"code": "1 + 1"}]}
    assert (
        await check_plugin(trivet_python, samples=samples, workspace=tmp_path, settings={"backend": "landlock"}) == ()
    )
