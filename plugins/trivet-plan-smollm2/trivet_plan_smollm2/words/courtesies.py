"""Goals that are none: thanks, greetings, farewells, and the question what can be done here."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.shortlist import BUILT_IN
from trivet_plan_smollm2.words.spans import has_cjk
from trivet_sdk import ToolSpec

_REPLIES: tuple[tuple[str, str, str], ...] = (
    (
        r"(?:many |ok(?:ay)?,? )?(?:thanks|thank you|thx|cheers)(?: a lot| a million| so much| very much| again)?"
        r"|that(?:'s| is| was) (?:all|it|great|perfect|helpful|enough)(?: for (?:today|now))?"
        r"|no,? (?:thanks|thank you)|never ?mind|have a (?:very )?(?:nice|good|great|lovely|pleasant) (?:day|evening"
        r"|afternoon|night"
        r"|weekend|week|time|one)|(?:well done|good job|nice work|great work)|you too|same to you|i appreciate (?:it"
        r"|that|your help)"
        r"|(?:谢谢|多谢|感谢)(?:你|您|了|啦)?|没事了?|不用了|没有了|就这样吧?|好的",
        "You're welcome.",
        "不客气。",
    ),
    (
        r"(?:hi|hello|hey)(?: there| again)?|good (?:morning|afternoon|evening|day)|how are you(?: today| doing)?"
        r"|how(?:'s| is) it going"
        r"|(?:is )?(?:anybody|anyone|somebody) (?:there|here)|are you (?:there|here|awake|ready)|nice to meet you|greetings"
        r"|你好|您好|早上好|下午好|晚上好",
        "Hello! Name a goal, such as: how many rows has a.csv?",
        "你好！请说出一个目标，例如：a.csv 有多少行？",
    ),
    (r"(?:good)?bye(?: bye)?|good night|see you(?: later| tomorrow| soon)?|再见|拜拜|晚安", "Goodbye.", "再见。"),
)
_ABLE = re.compile(
    r"(?:so )?(?:what (?:can|could) (?:you|i|this|it|trivet)(?: all)? (?:do|ask)(?: for me| here| you)?"
    r"|(?:what|how) (?:can|could) you (?:help|assist|support)(?: me| us)?(?: with)?(?: here)?|(?:please )?help me|who are you"
    r"|what(?:'s| is) your name|how (?:do|does) (?:you|this|it|that) work|what can i ask(?: you)?"
    r"|what (?:are you|do you do)|what are you (?:able to do|good for)|help"
    r"|你(?:能|可以|会)做(?:什么|些什么)|你是谁)[\s?.!？。！]*",
    re.IGNORECASE,
)
_BETWEEN = r"[\s,.!?;:)~，。！？、-]*"
SHOWN = 12
"""Tools that are named at most."""


def courtesy(goal: str, tools: Sequence[ToolSpec]) -> str:
    """What is said in return, in the goal's language; empty for a goal that wants something done."""
    if _ABLE.fullmatch(goal.strip()):
        return _able(tools)
    rest, reply = goal.strip(), ""
    while rest:
        if (heard := _heard(rest)) is None:
            return _able(tools) if reply and _ABLE.fullmatch(rest) else ""
        said, said_zh, end = heard
        reply = reply or (said_zh if has_cjk(goal) else said)
        rest = re.sub(rf"^{_BETWEEN}(?:and\s+)?{_BETWEEN}", "", rest[end:])
    return reply


def _able(tools: Sequence[ToolSpec]) -> str:
    brought = [tool for tool in tools if tool.name not in BUILT_IN]
    named = "; ".join(f"{tool.name}: {tool.summary.rstrip('.')}" for tool in brought[:SHOWN])
    more = "; and more besides" if len(brought) > SHOWN else ""  # no figure that no result has
    said = f"What the installed tools do: {named}{more}." if brought else "Nothing yet: no tool is installed."
    return said.replace("{{", "{ {")  # which would stand for a value of a step


def _heard(rest: str) -> tuple[str, str, int] | None:
    """What is returned to the courtesy that comes next, in both languages, and where it ends."""
    ends = r"" if has_cjk(rest) else r"(?![\w'])"
    for words, reply, reply_zh in _REPLIES:
        if match := re.match(rf"(?:{words}){ends}", rest, re.IGNORECASE):
            return reply, reply_zh, match.end()
    return None
