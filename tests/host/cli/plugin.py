"""A working plugin's text, and what a command has left."""

import json
import os
from typing import Any, NamedTuple


class Done(NamedTuple):
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


TOOL = '[[contributes.tools]]\nname = "say"\nsummary = "Say a text again"\neffect = "pure"\n'
WORKING = """
from contextlib import asynccontextmanager
from trivet_sdk import Contributions, ToolSpec, hookimpl, result

class Say:
    spec = ToolSpec(name="say", summary="Say a text again", effect="pure",
                    parameters={"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]})

    async def call(self, arguments, ctx):
        return result(arguments["text"])

@hookimpl
@asynccontextmanager
async def activate(context):
    yield Contributions(tools=(Say(),))
"""


def clean_environment() -> dict[str, str]:
    """Without what is set here of trivet; and nothing is fetched beside what a test is about."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIVET_")}
    return {**kept, "TRIVET_HOST__FETCH": "never"}
