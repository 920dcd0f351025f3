"""Does a guard keep its contract?"""

import copy

import anyio

from ..contributions import Guard
from ..tool import ToolCall

_ANSWER = ToolCall(run="check", step="s9", tool="answer", arguments={"text": "done"}, key="check/s9/1", effect="pure")
CALLS = (
    _ANSWER,
    ToolCall(run="check", step="s1", tool="files.read", arguments={"path": "合同.md"}, key="check/s1/1", effect="pure"),
    ToolCall(
        run="check", step="s2", tool="files.write", arguments={"path": "out/a.md", "text": ""}, key="check/s2/1",
        effect="idempotent",
    ),
    ToolCall(
        run="check", step="s3", tool="mail.send", arguments={"to": ["a@b.example"], "more": {"n": [1, None, True]}},
        key="check/s3/1", effect="effectful", egress=True, is_tainted=True,
    ),
    ToolCall(run="check", step="s4", tool="unheard-of.tool", arguments={}, key="check/s4/1", effect="effectful"),
)  # fmt: skip


async def check_guard(guard: object, *calls: ToolCall, name: str = "", timeout: float = 30.0) -> tuple[str, ...]:
    """A sentence for each way in which the guard breaks the contract; none if it keeps it.

    Asked about `calls` and some usual ones. What it vetoes is its own affair, except the built-in `answer`.
    """
    called = f"guard '{name or type(guard).__name__}'"
    if not isinstance(guard, Guard):
        return (f"{called} has no `veto`; it needs `async def veto(self, call)`",)
    found: list[str] = []
    for call in (*CALLS, *calls):
        asked = copy.deepcopy(call)
        try:
            with anyio.fail_after(timeout):
                reason: object = await guard.veto(asked)
        except TimeoutError:
            found.append(
                f"did not judge a call of '{call.tool}' within {timeout:g} seconds, and every call waits for it"
            )
            continue
        except Exception as error:  # foreign code: whatever it raises is what is reported
            found.append(
                f"raises {type(error).__name__} about a call of '{call.tool}': {error}; the host counts that as a veto"
            )
            continue
        if asked != call:
            found.append("changes the arguments of the call; a guard only says yes or no")
        if reason is not None and not isinstance(reason, str):
            found.append(f"answers with a {type(reason).__name__}; return a sentence that says why not, or None")
        elif reason is not None and not reason.strip():
            found.append("vetoes without a word; return a sentence that says why not, or None")
        elif reason and call is _ANSWER:
            found.append("vetoes the built-in 'answer', so that no run could ever end")
    return tuple(f"{called} {fault}" for fault in dict.fromkeys(found))
