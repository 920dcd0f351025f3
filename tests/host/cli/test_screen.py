"""What comes from outside commands no terminal, wherever it is printed or asked about."""

import json
import re
from pathlib import Path

import pytest

from tests.host.cli import scripted
from tests.host.cli.conftest import TOOL, WORKING, Site, Trivet
from tests.host.cli.test_run import install
from trivet.cli.screen import escaped_json, in_line, shown

pytestmark = pytest.mark.usefixtures("alone")

EVIL = "\x1b]52;c;ZXZpbA==\x07 \x9b31m \u202eelif\u2066 \x08\x7f"
SEEN = r"\x1b]52;c;ZXZpbA==\x07 \x9b31m \u202eelif\u2066 \x08\x7f"
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你好，世界\n\tשלום\tمرحبا 👩‍👩‍👧 नमस्ते", "你好，世界\n\tשלום\tمرحبا 👩‍👩‍👧 नमस्ते"),
        (EVIL, SEEN),
        ("one\r\ntwo\rthree", "one\ntwo\\x0dthree"),
        ("\ud800\udfff\u2028", "\\ud800\\udfff\\u2028"),
    ],
)
def test_only_what_commands_the_terminal_is_escaped(text: str, expected: str) -> None:
    assert shown(text) == expected
    assert shown(expected) == expected


def test_newline_in_a_name_begins_no_line() -> None:
    assert in_line("a\nverdict: accept\t.txt") == "a\\nverdict: accept\\t.txt"


def test_json_says_the_same_without_the_characters() -> None:
    text = json.dumps({"a": EVIL + "\ud800你好\n"}, ensure_ascii=False)
    assert not COMMANDS.search(escaped_json(text))
    assert "你好" in escaped_json(text)
    assert json.loads(escaped_json(text)) == json.loads(text)


def test_goal_results_and_answer_are_shown_harmless(site: Site, home: Path, trivet: Trivet) -> None:
    install(site, home)
    goal = scripted.goal(("scripted.say", {"text": EVIL}), ("answer", {"text": "{{s1}}"})).replace("\x7f", "\\u007f")
    done = trivet("run", goal)
    assert done.out == f"{SEEN}\n"
    assert f"s1 done in 0.00 s: {SEEN}\n" in re.sub(r"\d\.\d\d s", "0.00 s", done.err)
    call = ("tools", "call", "scripted.say", json.dumps({"text": EVIL}))
    told = trivet("runs", "show", "last", "--json").out
    assert not COMMANDS.search(told)
    assert json.loads(told.splitlines()[-1])["answer"] == EVIL
    for command in (
        ("runs", "show", "last"),
        ("runs", "show", "last", "--events"),
        ("run", goal, "--dry-run"),
        ("runs", "list"),
        call,
    ):
        done = trivet(*command)
        assert done.code == 0, done
        assert not COMMANDS.search(done.out + done.err), command


def test_what_is_echoed_of_the_command_line_is_harmless(trivet: Trivet) -> None:
    for command in (
        ("plugins", "why", EVIL),
        ("runs", "show", EVIL),
        (EVIL,),
        ("run", "x", f"--{EVIL}"),
        ("tools", "call", "x", EVIL),
    ):
        done = trivet(*command)
        assert done.code == 2, done
        assert not COMMANDS.search(done.out + done.err), command


def test_plugin_that_says_more_than_it_is_shown_as_is_refused(site: Site, trivet: Trivet) -> None:
    site.add("sly", WORKING, manifest='[permissions]\nnetwork = ["*:443", "\\u001b[1A\\u001b[2Kno network"]\n' + TOOL)
    done = trivet("plugins", "enable", "sly", "--yes")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "Error: Plugin 'sly' is incompatible: trivet.toml cannot be used: Text holds the control character U+001B "
        "- at `$.permissions.network[...]`.\n"
    )


def test_error_of_a_plugin_is_shown_harmless(site: Site, trivet: Trivet) -> None:
    site.add("loud", f"raise RuntimeError({EVIL!r})", manifest=TOOL)
    enabled = trivet("plugins", "enable", "loud", "--yes")
    assert enabled.code == 1
    assert (
        enabled.err == f"Note: Plugin 'loud' is enabled, but it failed: raised while starting: RuntimeError: {SEEN}\n"
    )
    for command in (("plugins", "list"), ("plugins", "why", "loud", "--debug"), ("plugins", "check", "loud")):
        done = trivet(*command)
        assert not COMMANDS.search(done.out + done.err), command


def test_no_color_and_dumb_terminals_are_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    from trivet.cli import screen

    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert screen.has_colors()
    assert screen.is_lively(Terminal())  # type: ignore[arg-type]
    monkeypatch.setenv("NO_COLOR", "1")
    assert not screen.has_colors()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not screen.has_colors()
    assert not screen.is_lively(Terminal())  # type: ignore[arg-type]
