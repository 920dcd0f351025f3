"""In a terminal: the plan is shown live, questions and approvals are asked, Ctrl-C leaves the run resumable."""

import importlib.util
import os
import re
import select
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.host.cli import scripted
from tests.host.cli.conftest import Site, Trivet, clean_environment
from tests.host.cli.test_run import SAY, install

pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
pytestmark = pytest.mark.usefixtures("alone")

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def in_terminal(
    folder: Path,
    environment: dict[str, str],
    *arguments: str,
    typed: Mapping[str, str | Callable[[], object]],
    python: str = sys.executable,
) -> tuple[int, str]:
    """Run a command in a terminal of 100 columns. `typed`: what to type, or else to do, once a text has appeared. Exit code
    and screen."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(
            python,
            [python, "-m", "trivet", *arguments],
            {**clean_environment(), "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40", **environment},
        )
    seen = b""
    waiting = list(typed.items())
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            break  # the other end is closed
        if waiting and waiting[0][0] in ESCAPES.sub("", seen.decode("utf-8", "replace")):
            what = waiting.pop(0)[1]
            if isinstance(what, str):
                os.write(terminal, what.encode())
            else:
                what()
    os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code, ESCAPES.sub("", seen.decode("utf-8", "replace")).replace("\r\n", "\n")


@pytest.fixture
def environment(site: Site, home: Path, trivet: Trivet) -> dict[str, str]:
    install(site, home)
    return {"TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)}


def test_plan_is_shown_with_its_results_and_then_the_answer(environment: dict[str, str], tmp_path: Path) -> None:
    code, screen = in_terminal(tmp_path / "work", environment, "run", SAY, typed={})
    assert code == 0
    assert re.search(
        r"✓ s1 scripted\.say\(text=你好，世界\) *\n +你好，世界  accept *\n✓ s2 answer\(text=\{\{s1\}\}!\) *\n"
        r" +你好，世界!  accept *\nfinish *\n",
        screen,
    )
    assert "\n你好，世界!\n" in screen
    assert screen.endswith("Note: A test wrote this plan.\n")


def test_question_and_approval_are_asked_where_they_arise(environment: dict[str, str], tmp_path: Path) -> None:
    steps = [
        ("ask", {"question": "Which colour?"}),
        ("scripted.send", {"text": "{{s1}}"}),
        ("answer", {"text": "{{s2}}"}),
    ]
    goal = scripted.goal(*steps, *(("scripted.note", {"path": f"{n}.txt", "text": "x"}) for n in range(3)))
    typed = {"Which colour?: ": "blue\r", "[y/N/a/t]: ": "y\r"}
    code, screen = in_terminal(tmp_path / "work", environment, "run", goal, typed=typed)
    assert code == 0
    assert "Which colour?: blue\n" in screen  # steps that ended meanwhile are not drawn over the question
    assert 'May it do this (it cannot be undone or repeated)?\nscripted.send {\n  "text": "blue"\n}\n' in screen
    assert (tmp_path / "work" / "sent").read_text() == "blue"


def test_refused_call_is_not_made(environment: dict[str, str], tmp_path: Path) -> None:
    goal = scripted.goal(("scripted.send", {"text": "dear"}), ("answer", {"text": "{{s1}}"}))
    code, _ = in_terminal(tmp_path / "work", environment, "run", goal, typed={"[y/N/a/t]: ": "\r"})
    assert code == 1
    assert not (tmp_path / "work" / "sent").exists()


def test_what_was_typed_ahead_approves_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    work = tmp_path / "work"
    goal = scripted.goal(
        ("scripted.wait", {"path": "go"}), ("scripted.send", {"text": "{{s1}}"}), ("answer", {"text": "{{s2}}"})
    )
    typed: dict[str, str | Callable[[], object]]
    typed = {"scripted.wait(path=go)": "y\r", "y\r\n": (work / "go").touch, "[y/N/a/t]: ": "n\r"}
    code, screen = in_terminal(work, environment, "run", goal, typed=typed)
    assert (work / "go").exists()
    assert "[y/N/a/t]: n\n" in screen
    assert code == 1
    assert not (work / "sent").exists()


def test_what_is_asked_for_approval_rewrites_no_question(environment: dict[str, str], tmp_path: Path) -> None:
    goal = scripted.goal(("scripted.send", {"text": "\x9b2K\u202eyltneg"}), ("answer", {"text": "{{s1}}"}))
    _, screen = in_terminal(tmp_path / "work", environment, "run", goal, typed={"[y/N/a/t]: ": "\r"})
    assert 'scripted.send {\n  "text": "\\u009b2K\\u202eyltneg"\n}\n' in screen
    assert not {"\x9b", "\u202e"} & set(screen)


def test_dumb_terminal_gets_lines_without_colour(environment: dict[str, str], tmp_path: Path) -> None:
    code, screen = in_terminal(tmp_path / "work", {**environment, "TERM": "dumb"}, "run", SAY, typed={})
    assert code == 0
    assert "\nverdict: accept\n" in screen
    assert "\x1b" not in screen


def test_interrupt_at_a_question_ends_at_once_and_can_be_resumed(
    environment: dict[str, str], trivet: Trivet, tmp_path: Path
) -> None:
    goal = scripted.goal(("ask", {"question": "Which colour?"}), ("answer", {"text": "it is {{s1}}"}))
    code, screen = in_terminal(tmp_path / "work", environment, "run", goal, typed={"Which colour?: ": "\x03"})
    id = trivet("runs", "list", "--json").json()[0]["id"]
    assert code == 130
    assert screen.endswith(f"Stopped. `trivet runs resume {id}` goes on where it was.\n")
    assert trivet("runs", "answer", id, "red").out == "it is red\n"


def test_key_is_kept_only_once_it_serves(environment: dict[str, str], home: Path, tmp_path: Path) -> None:
    command = ("init", "--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--name", "mine")
    typed = {"Key [none]: ": "type\r", "The key (not shown): ": "sk-secret\r"}
    before = (home / "settings.toml").read_text()
    code, _ = in_terminal(tmp_path / "work", environment, *command, typed=typed)
    assert code == 2
    assert (home / "settings.toml").read_text() == before
    assert not (home / "secrets").exists()
    if importlib.util.find_spec("keyring"):
        return
    assert in_terminal(tmp_path / "work", environment, *command, "--no-try", typed=typed)[0] == 0
    assert f'api_key = "file:{home / "secrets" / "mine"}"' in (home / "settings.toml").read_text()
    assert (home / "secrets" / "mine").read_text() == "sk-secret"


def test_enabling_asks_in_a_terminal(site: Site, environment: dict[str, str], trivet: Trivet, tmp_path: Path) -> None:
    site.add("other", scripted.SOURCE, manifest=scripted.MANIFEST)
    _, screen = in_terminal(
        tmp_path / "work", environment, "plugins", "enable", "other", typed={"Enable 'other'? [y/N]: ": "n\r"}
    )
    assert "send (effectful)" in screen
    assert {each["id"]: each["state"] for each in trivet("plugins", "list", "--json").json()}["other"] == "disabled"
