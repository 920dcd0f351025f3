"""The mark of a download, and the tools that look at it."""

import os
from collections.abc import Callable

import pytest

from trivet_sdk import Tool, ToolContext, ToolError, ToolResult, Workspace, result, tool
from trivet_sdk.origin import ORIGIN, mark_origin, origin_of
from trivet_sdk.provenance import Provenance
from trivet_sdk.testing import call

pytestmark = pytest.mark.anyio


@pytest.fixture
def marked(workspace: Workspace, skip_without: Callable[[str, str], None]) -> str:
    path = workspace.root / "数据.csv"
    path.write_text("a\n1\n")
    with path.open("rb") as file:
        mark_origin(file, "https://example.org/数据.csv")
        if not origin_of(file):
            skip_without("xattr", "the file system of temporary files keeps no extended attributes")
    return path.name


def copying(*, is_blocking: bool) -> Tool:
    def copied(path: str, to: str, ctx: ToolContext) -> ToolResult:
        """Copy a file."""
        with ctx.workspace.reading(path) as file:
            content = file.read()
        if not content:
            raise ToolError(f"'{path}' is empty.")
        return result("copied", {}, artifacts=(ctx.workspace.write(to, content),))

    async def copied_later(path: str, to: str, ctx: ToolContext) -> ToolResult:
        """Copy a file."""
        return copied(path, to, ctx)

    return tool(name="copy", effect="idempotent")(copied if is_blocking else copied_later)


@pytest.mark.parametrize("is_blocking", [True, False])
async def test_the_mark_goes_over_to_what_is_made_of_the_file(
    workspace: Workspace, marked: str, is_blocking: bool
) -> None:
    watched = Provenance().over(copying(is_blocking=is_blocking), "path")
    assert watched.spec.name == "copy"
    assert (await call(watched, {"path": marked, "to": "b.csv"}, workspace=workspace)).is_untrusted
    assert (await call(watched, {"path": "b.csv", "to": "c.csv"}, workspace=workspace)).is_untrusted
    assert os.getxattr(workspace.root / "c.csv", ORIGIN).decode() == "https://example.org/数据.csv"
    (workspace.root / "own.csv").write_text("x")
    assert not (await call(watched, {"path": "own.csv", "to": "d.csv"}, workspace=workspace)).is_untrusted


@pytest.mark.parametrize("is_blocking", [True, False])
async def test_a_complaint_about_the_file_is_text_from_outside(
    workspace: Workspace, marked: str, is_blocking: bool
) -> None:
    (workspace.root / marked).write_text("")
    (workspace.root / "own.csv").write_text("")
    watched = Provenance().over(copying(is_blocking=is_blocking), "path")
    for path, is_untrusted in ((marked, True), ("own.csv", False)):
        with pytest.raises(ToolError) as told:
            await call(watched, {"path": path, "to": "b"}, workspace=workspace)
        assert told.value.is_untrusted is is_untrusted


def test_a_file_that_takes_the_place_of_a_downloaded_one_keeps_the_mark(workspace: Workspace, marked: str) -> None:
    workspace.write(marked, b"changed")
    assert Provenance().origin(workspace, marked) == "https://example.org/数据.csv"


def test_a_sheet_is_of_its_workbook_and_what_is_not_there_is_from_nowhere(workspace: Workspace, marked: str) -> None:
    provenance = Provenance()
    assert provenance.origin(workspace, f"{marked}#Sales") == "https://example.org/数据.csv"
    assert provenance.origin(workspace, "missing#x") == provenance.origin(workspace, "../out") == ""


@pytest.mark.parametrize(
    ("pattern", "path", "is_named"),
    [
        ("Downloads/**", "downloads/a/b.md", True),
        ("Downloads/**", "my/Downloads/b.md", False),
        ("**/inbox/*", "inbox/x", True),
        ("**/inbox/*", "a/b/inbox/x", True),
        ("*.eml", "a/b.EML", True),
        ("./下载/*", "下载/报告.md", True),
        ("*.eml", "a.md", False),
    ],
)
def test_patterns_name_files_in_folders_too(pattern: str, path: str, is_named: bool) -> None:
    assert Provenance([pattern]).names(path) is is_named
