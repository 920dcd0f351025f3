"""The history of the bare repository project.git, read by git itself."""

import subprocess

from trivet_sdk import ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import Span

REPOSITORY = "project.git"


def _git(ctx: ToolContext, *arguments: str) -> str:
    folder = ctx.workspace.readable(REPOSITORY)
    command = ["git", "-c", "safe.directory=*", f"--git-dir={folder}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        raise ToolError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "git failed")
    return done.stdout.strip()


@tool(effect="pure")
def log(ctx: ToolContext, author: Span = "", count: int = 10) -> ToolResult:
    """List the newest commits, of one author or of all.

    Args:
        author: Name of who made them; empty for everybody.
        count: At most so many.
    """
    lines = _git(
        ctx, "log", "--all", f"--author={author}", "-i", f"-{count}", "--format=%h %ad %an: %s", "--date=short"
    )
    return result(lines or "no commit", {"commits": lines.splitlines()})


@tool(effect="pure")
def branches(ctx: ToolContext) -> ToolResult:
    """List the branches of the repository."""
    names = _git(ctx, "branch", "--format=%(refname:short)").splitlines()
    return result(", ".join(names), {"branches": names})


@tool(effect="pure")
def changed(commit: Span, ctx: ToolContext) -> ToolResult:
    """List the files that a commit changed.

    Args:
        commit: Its hash or the beginning of it.
    """
    if commit.startswith("-"):
        raise ToolError(f"'{commit}' is no commit")
    files = _git(ctx, "show", "--name-only", "--format=", commit).splitlines()
    return result(", ".join(files), {"files": files})
