"""Answers that are no words to a user but a model's inner workings: a call written as text, a thought that was never ended."""

import re

_CALL = re.compile(
    r"\s*(?:```\w*\s*)?(?:<\|?(?:tool_call|function_call|python_tag|invoke|function=)"
    r"|\[TOOL_CALLS\]"
    r"|\[?\{\s*\"(?:name|tool|function|tool_name)\"\s*:\s*\"[\w.]+\"\s*,\s*\"(?:arguments|parameters|input|args)\"\s*:"
    r"|(?P<tool>[A-Za-z_]\w*\.[A-Za-z_]\w*)\((?:[^()]|\([^()]*\))*\)\s*(?:```)?\s*$)"
)
_THOUGHT = re.compile(r"\s*<think(?:ing)?>", re.IGNORECASE)


def is_call(answer: str) -> bool:
    return _CALL.match(answer) is not None


def is_thought(answer: str) -> bool:
    """It begins to think aloud and does not come to an end; the planner takes away thoughts that do."""
    return _THOUGHT.match(answer) is not None and "</think" not in answer.lower()
