"""A larger model behind an OpenAI-compatible endpoint, which rewords goals or writes plans; what it writes is believed only where it can
be checked.
"""

import re
from collections.abc import Mapping
from typing import Any

import aiohttp

from trivet_plan_smollm2.prompt import ToolCard, context, read_plan

from .drafts import strings_of
from .evidence import unfounded

REWORD = """Reword the request of a user to a computer. Keep its meaning, its language and every name, number, date and quotation exactly as
it is written. Be natural; vary the structure, not only single words. Answer with the reworded request alone, on one line.

Request: {goal}"""
PLAN = """Write the tool calls that meet the user's request: one call a line, the tool's name, a space, and the arguments as a JSON object.
Take every value from the request. A text argument may be "{{{{s1#/value}}}}", the result of the first call. If no tool fits, write
'none {{}}'. If the request leaves a required value open, write 'ask {{"question":"which value"}}'. Nothing else.

{context}

Request: {goal}"""


class TeacherFailed(Exception):
    """The endpoint gave no answer. The message says which and why."""


class Teacher:
    """`base_url` ends before `/chat/completions`; `key` may be empty."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, model: str, key: str = "") -> None:
        self._session, self._url, self._model = session, base_url.rstrip("/") + "/chat/completions", model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def complete(self, text: str) -> str:
        """Raises TeacherFailed."""
        body = {"model": self._model, "messages": [{"role": "user", "content": text}], "temperature": 0.7}
        try:
            async with self._session.post(self._url, json=body, headers=self._headers) as answer:
                if answer.status != 200:
                    raise TeacherFailed(
                        f"The teacher at {self._url} answered {answer.status}: {(await answer.text())[:200]}"
                    )
                parsed = await answer.json()
                return str(parsed["choices"][0]["message"]["content"])
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TeacherFailed(f"The teacher at {self._url} cannot be reached: {error}. Check --teacher.") from error
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise TeacherFailed(f"The teacher at {self._url} does not answer as OpenAI's API does.") from error

    async def reworded(self, goal: Mapping[str, Any], group: Mapping[str, Any]) -> dict[str, Any] | None:
        """The goal in other words with the same plan; None if it came back unchanged, or a value of the plan has no evidence in it."""
        text = (await self.complete(REWORD.format(goal=goal["goal"]))).strip().strip('"').strip()
        said = [value for value in strings_of(goal["plan"]) if value and value in goal["goal"]]
        is_same = re.sub(r"\W+", "", text.lower()) == re.sub(r"\W+", "", goal["goal"].lower())
        if is_same or "\n" in text or not text or any(value not in text for value in said):
            return None
        made = {**goal, "goal": text, "class": f"{goal['class']}, reworded"}
        made.pop("pair", None)
        return None if unfounded(made, group) else made

    async def planned(self, goal: Mapping[str, Any], group: Mapping[str, Any]) -> dict[str, Any] | None:
        """The goal with the teacher's plan; None if the plan cannot be read, or is not sound."""
        cards = [ToolCard(name=t["name"], summary=t["summary"], parameters=t["parameters"]) for t in group["tools"]]
        text = await self.complete(PLAN.format(context=context(cards, ()), goal=goal["goal"]))
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("```")]
        try:
            calls = read_plan("\n".join(lines))
        except ValueError:
            return None
        plan = [{"tool": call.tool, "arguments": call.arguments} for call in calls]
        made = {**goal, "plan": plan, "class": f"{goal['class']}, planned"}
        made.pop("pair", None)
        return made if plan and not unfounded(made, group) else None
