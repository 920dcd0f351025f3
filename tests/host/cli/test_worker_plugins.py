"""A plugin that asks for a process of its own, through the commands."""

import pytest

from tests.host.cli.conftest import TOOL, Site, Trivet

pytestmark = pytest.mark.usefixtures("alone")

HEAD = '[plugin]\nid = "apart"\nsummary = "A test"\nisolation = "process"\nstart_timeout = 30.0\n'
SOURCE = """
import os
from trivet_sdk import Contributions, hookimpl, stateless, tool

@tool(effect="pure")
def say(text: str) -> str:
    '''Say a text again.'''
    if text == "crash":
        os.abort()
    return f"{text}, by a process without a name of ours: {os.environ.get('SECRET_OF_MINE')}"

@hookimpl
def activate(context):
    return stateless(Contributions(tools=(say,)))
"""


def test_tool_of_a_plugin_in_a_worker_is_enabled_listed_and_called(site: Site, trivet: Trivet) -> None:
    site.add("apart", SOURCE, manifest=HEAD + TOOL)
    assert trivet("plugins", "enable", "apart", "--yes").code == 0
    assert "apart.say" in trivet("tools", "list").out
    called = trivet("tools", "call", "apart.say", '{"text": "你好"}', SECRET_OF_MINE="s3cret")
    assert (called.code, called.out) == (0, "你好, by a process without a name of ours: None\n")
    crashed = trivet("tools", "call", "apart.say", '{"text": "crash"}')
    assert crashed.code == 1
    assert crashed.err == "Error: Plugin 'apart' crashed (signal 6) while 'apart.say' was at work.\n"
