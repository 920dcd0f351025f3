"""What others wrote counts as text from outside: downloaded files by their mark, and those that the settings name."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import trivet_files
from trivet_sdk import ToolError, ToolResult, Workspace
from trivet_sdk.origin import ORIGIN, mark_origin
from trivet_sdk.testing import StandaloneCall, activated, call

pytestmark = pytest.mark.anyio
Use = Callable[..., Awaitable[ToolResult]]
URL = "https://example.org/报告.md"


@pytest.fixture
async def folder(tmp_path: Path, skip_without: Callable[[str, str], None]) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    (made / "own.md").write_text("The heron stands.\n")
    downloaded = made / "报告.md"
    downloaded.write_text("The stork flies.\n")
    with downloaded.open("rb") as file:
        mark_origin(file, URL)
    if not hasattr(os, "listxattr") or ORIGIN not in os.listxattr(downloaded):
        skip_without("xattr", "the file system of temporary files keeps no extended attributes")
    return made


@pytest.fixture
async def use(folder: Path, tmp_path: Path) -> Any:
    async with activated(trivet_files, settings={"untrusted": ["Inbox/**", "*.eml"]}) as brought:
        tools = {tool.spec.name: tool for tool in brought.tools}
        ctx = StandaloneCall(Workspace(folder))  # one for all, since an undo needs the blobs of the write

        async def use_it(name: str, **arguments: Any) -> ToolResult:
            return await call(tools[name], arguments, context=ctx)

        yield use_it


@pytest.mark.parametrize(("path", "is_untrusted"), [("报告.md", True), ("own.md", False)])
@pytest.mark.parametrize(
    ("tool", "more"),
    [("read", {}), ("summarize", {}), ("find", {"query": "stork or heron"}), ("diff", {"other": "own.md"})],
)
async def test_a_downloaded_file_is_text_from_outside_and_ones_own_is_not(
    use: Use, tool: str, more: dict[str, str], path: str, is_untrusted: bool
) -> None:
    assert (await use(tool, path=path, **more)).is_untrusted is is_untrusted


async def test_a_search_is_tainted_by_what_it_found_and_not_by_what_lies_beside_it(use: Use) -> None:
    assert not (await use("find", query="heron")).is_untrusted
    assert (await use("find", query="stork")).is_untrusted
    assert not (await use("list")).is_untrusted


@pytest.mark.parametrize("path", ["Inbox/2026/hi.txt", "inbox/hi.txt", "old/letter.EML", "link.txt"])
async def test_files_that_the_settings_name_are_text_from_outside(use: Use, folder: Path, path: str) -> None:
    target = folder / (path if path != "link.txt" else "mail.eml")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("Hello.\n")
    if path == "link.txt":
        (folder / path).symlink_to(target)
    assert (await use("read", path=path)).is_untrusted


async def test_the_mark_goes_with_the_content(use: Use, folder: Path) -> None:
    done = await use("edit", path="报告.md", old="stork", new="crane")
    assert done.is_untrusted
    assert os.getxattr(folder / "报告.md", ORIGIN).decode() == URL
    await use("undo", path="报告.md")
    assert os.getxattr(folder / "报告.md", ORIGIN).decode() == URL


async def test_a_complaint_that_quotes_such_a_file_is_text_from_outside(use: Use) -> None:
    with pytest.raises(ToolError) as theirs:
        await use("edit", path="报告.md", old="The stork swims", new="x")
    with pytest.raises(ToolError) as ours:
        await use("edit", path="own.md", old="The heron swims", new="x")
    assert (theirs.value.is_untrusted, ours.value.is_untrusted) == (True, False)
