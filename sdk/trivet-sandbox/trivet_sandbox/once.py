"""One program in a sandbox of its own."""

from dataclasses import replace
from pathlib import Path

from trivet_sandbox.errors import SandboxFailed
from trivet_sandbox.interpreter import Interpreter
from trivet_sandbox.limits import Limits
from trivet_sandbox.result import Result
from trivet_sandbox.session import Session


def run(
    code: str,
    workspace: Path | str | None = None,
    timeout: float = 30.0,
    *,
    is_writable: bool = True,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    interpreter: Interpreter | None = None,
    control_groups: bool = True,
) -> Result:
    """Run a program in a new sandbox for at most `timeout` seconds, and tell what became of it. Blocks.

    What the program raised stands at the end of `stderr`, as Python itself would write it, besides in `error`. Where no
    sandbox can be had, the status is `refused`, nothing was run, and `stderr` says why. The arguments are those of Session.

    Raises NotADirectoryError for a workspace that is none.
    """
    try:
        with Session(
            workspace,
            is_writable=is_writable,
            limits=limits,
            interpreter=interpreter,
            control_groups=control_groups,
        ) as session:
            result = session.run(code, timeout)
    except SandboxFailed as error:
        return Result(stdout="", stderr=str(error), status="refused", error=str(error))
    return replace(result, stderr=result.stderr + result.error) if result.error else result
