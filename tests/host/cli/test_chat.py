"""`trivet chat`: goal after goal in one conversation, in a terminal and piped in."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.host.cli import scripted
from tests.host.cli.conftest import Done, Site, Trivet, clean_environment
from tests.host.cli.test_imports import modules
from tests.host.cli.test_run import install
from tests.host.cli.typist import at_terminal
from trivet.cli.screen import cut

pytestmark = pytest.mark.usefixtures("alone")

RECALL = "What was said?"
CTRL_C, CTRL_D = "\x03", "\x04"


def say(text: str) -> str:
    """A goal whose answer is the text."""
    return scripted.goal(("answer", {"text": text}))


WAIT = scripted.goal(("scripted.wait", {"path": "go"}), ("answer", {"text": "{{s1}}"}))


@pytest.fixture
def environment(site: Site, home: Path, trivet: Trivet) -> dict[str, str]:
    install(site, home)
    return {"TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)}


@pytest.fixture
def work(tmp_path: Path, environment: dict[str, str]) -> Path:
    return tmp_path / "work"


@contextmanager
def begun(work: Path, environment: dict[str, str], *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "trivet", "chat", *arguments],
        cwd=work, env={**clean_environment(), **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def piped(work: Path, environment: dict[str, str], *goals: str, options: tuple[str, ...] = ()) -> Done:
    with begun(work, environment, *options) as process:
        out, err = process.communicate("".join(f"{goal}\n" for goal in goals), timeout=60)
    return Done(process.returncode, out, err)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def runs(trivet: Trivet) -> list[dict[str, Any]]:
    """Oldest first."""
    found: list[dict[str, Any]] = trivet("runs", "list", "--json").json()
    return found[::-1]


# Piped


def test_each_line_is_a_goal_that_knows_those_before(work: Path, environment: dict[str, str], trivet: Trivet) -> None:
    done = piped(work, environment, say("一百"), "", "this is no plan", RECALL)
    assert done.code == 0
    assert done.out.splitlines() == [
        "一百",
        "This goal is no plan.",
        "succeeded: 一百; failed: This goal is no plan.",
    ]
    assert "\nNot achieved.\n" in done.err
    found = runs(trivet)
    assert len({run["conversation"] for run in found}) == 1
    assert found[0]["conversation"] is not None
    listed = trivet("runs", "list").out.splitlines()
    assert listed[0].split() == ["RUN", "STATUS", "BEGUN", "CHAT", "GOAL"]
    assert all(found[0]["conversation"] in line for line in listed[1:])


def test_run_alone_is_in_no_conversation(work: Path, environment: dict[str, str], trivet: Trivet) -> None:
    trivet("run", say("1"))
    assert runs(trivet)[0]["conversation"] is None
    assert trivet("runs", "list").out.splitlines()[0].split() == ["RUN", "STATUS", "BEGUN", "GOAL"]
    done = trivet("chat", "--continue")
    assert (done.code, done.err) == (
        2,
        f"Error: There is no conversation about {work} yet. To begin one: trivet chat\n",
    )


def test_events_of_all_goals_are_on_stdout(work: Path, environment: dict[str, str]) -> None:
    done = piped(work, environment, say("1"), "/runs", RECALL, options=("--json",))
    events = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    submitted = [event for event in events if event["topic"] == "run.submitted"]
    assert [event["goal"]["text"] for event in submitted] == [say("1"), RECALL]
    assert submitted[1]["after"] == submitted[0]["run"]
    assert submitted[0]["conversation"] == submitted[1]["conversation"] != ""
    assert [exchange["answer"] for exchange in submitted[1]["earlier"]] == ["1"]
    assert events[-1]["topic"] == "run.finished"
    assert re.search(r"^\w+  succeeded    \[", done.err, re.MULTILINE)


def test_conversation_goes_on_where_it_was(work: Path, environment: dict[str, str], trivet: Trivet) -> None:
    goals = [say(f"第{n}个\n" * 12) for n in range(4)]
    piped(work, environment, *goals)
    conversation = runs(trivet)[0]["conversation"]
    piped(work, environment, say("another"))
    done = piped(work, environment, RECALL, options=("--continue",))
    assert done.out.splitlines()[-1] == "succeeded: another"
    for name in (conversation, conversation[:6], runs(trivet)[1]["id"]):
        done = piped(work, environment, options=("--continue", name))
        lines = done.out.splitlines()
        assert lines[0] == f"Going on with the conversation {conversation}, 4 goals so far."
        assert [line for line in lines if line.startswith("> ")] == [f"> {goal}" for goal in goals[1:]]
        assert lines[2:11] == [*["第1个"] * 8, f"… 4 more lines: trivet runs show {runs(trivet)[1]['id']}"]


def test_unknown_conversation_is_an_error(work: Path, environment: dict[str, str]) -> None:
    done = piped(work, environment, options=("--continue", "nope"))
    assert (done.code, done.err) == (
        2,
        "Error: There is no conversation 'nope', and no run of one. `trivet runs list` shows all.\n",
    )


def test_deleted_run_leaves_a_sentence_and_is_not_passed_on(
    work: Path, environment: dict[str, str], trivet: Trivet
) -> None:
    piped(work, environment, say("1"), say("2"), say("3"))
    trivet("runs", "delete", runs(trivet)[1]["id"], "--yes")
    done = piped(work, environment, RECALL, say("5"), RECALL, options=("--continue",))
    assert "Note: 1 run of it was deleted: new goals are not told what was said there.\n" in done.err
    assert done.out.splitlines()[-3:] == [
        "succeeded: 1; succeeded: 3",
        "5",
        "succeeded: 1; succeeded: 3; succeeded: succeeded: 1; succeeded: 3; succeeded: 5",
    ]


def test_fork_of_a_chats_run_is_no_part_of_it(work: Path, environment: dict[str, str], trivet: Trivet) -> None:
    piped(work, environment, say("1"), RECALL)
    trivet("runs", "fork", runs(trivet)[1]["id"], "--goal", say("forked"), "--at", "1")
    assert runs(trivet)[-1]["conversation"] is None
    assert piped(work, environment, RECALL, options=("--continue",)).out.splitlines()[-1] == (
        "succeeded: 1; succeeded: succeeded: 1"
    )


def test_interrupt_ends_a_piped_chat_and_says_how_to_go_on(
    work: Path, environment: dict[str, str], trivet: Trivet
) -> None:
    with begun(work, environment) as process:
        assert process.stdin is not None
        process.stdin.write(f"{WAIT}\n")
        process.stdin.flush()
        until((work / "waiting").exists)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr is not None
        conversation = runs(trivet)[0]["conversation"]
        assert process.stderr.read().endswith(
            f"\nStopped. `trivet chat --continue {conversation}` goes on with the conversation.\n"
        )
    (work / "go").touch()
    assert piped(work, environment, "/resume", RECALL, options=("--continue",)).out.splitlines()[-2:] == [
        "there it is",
        "succeeded: there it is",
    ]


def test_call_that_nobody_can_be_asked_about_is_named(work: Path, environment: dict[str, str]) -> None:
    goal = scripted.goal(("scripted.send", {"text": "dear"}), ("answer", {"text": "{{s1}}"}))
    done = piped(work, environment, goal)
    assert done.code == 0
    assert done.err.endswith(
        "Note: 'scripted.send' was not called, since there is no terminal to ask in. Talk in one, or allow all such calls: "
        "trivet chat --approve always\n"
    )
    assert piped(work, environment, goal, options=("--approve", "always")).out == "sent\n"


def test_line_that_is_no_utf8_is_left_out(work: Path, environment: dict[str, str]) -> None:
    with begun(work, environment) as process:
        assert process.stdin is not None
        process.stdin.buffer.write(  # type: ignore[attr-defined]  # a TextIOWrapper
            b"caf\xe9\n" + say("café").encode() + b"\n"
        )
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "café\n")
    assert "Error: A line is no UTF-8, and was left out.\n" in err


def test_commands(work: Path, environment: dict[str, str], tmp_path: Path) -> None:
    (work / "库存.csv").write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "report.md").write_text("told")
    (work / ".hidden").touch()
    done = piped(
        work, environment, "/runs", "/resume", "/files", f"/attach {tmp_path / 'report.md'}", "/f", say("1"), "/show",
        "/new", "/files", RECALL, "/model", "/quit", say("never"),
    )  # fmt: skip
    assert done.code == 0
    run = re.search(r"^run (\w+): ", done.out, re.MULTILINE)
    assert run is not None
    assert done.out.splitlines() == [
        "Nothing was said yet.",
        "Nothing is left to go on with.",
        "库存.csv",
        "attachments/report.md goes along with the next goal.",
        "库存.csv",
        "attachments/report.md",
        "1",
        f"run {run[1]}: {say('1')}",
        "plan",
        "  s1  answer(text=1)",
        "s1 started",
        *[line for line in done.out.splitlines() if line.startswith("s1 done in ")],
        "verdict: accept",
        "verdict: finish",
        "A new conversation, which knows nothing of the one before.",
        "库存.csv",
        "nothing",
        *[line for line in done.out.splitlines() if " serves. There is: " in line],
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/resum", "Nothing is left to go on with."),
        ("/shwo", "Error: There is no command '/shwo'. Did you mean '/show'? /help shows all."),
        ("/quit now", "Error: /quit takes nothing: give it alone, or leave out the slash if '/quit now' is a goal."),
        ("/attach", "Error: Give the file: /attach ~/report.md"),
        ("/attach nowhere.md", "Error: There is no file '{work}/nowhere.md' to attach."),
        ("/model bigg", "Error: The model 'bigg' is not defined. There is: local, coder, big. Did you mean 'big'?"),
        ("/model big", "big serves from the next goal on."),
        ("/show zzz", "Error: There is no run 'zzz'. `trivet runs list` shows all."),
    ],
)
def test_command_that_cannot_be_obeyed_is_a_sentence(
    work: Path, environment: dict[str, str], trivet: Trivet, line: str, sentence: str
) -> None:
    trivet("config", "set", "models.big.backend", "openai")
    done = piped(work, environment, line)
    assert done.code == 0
    assert sentence.format(work=work) in (done.out + done.err).splitlines()


def test_file_that_is_marked_is_meant_by_its_name(work: Path, environment: dict[str, str]) -> None:
    (work / "库存.csv").touch()
    done = piped(work, environment, "看@库存.csv里有几行", "write to me@home.org, @nobody", options=("--json",))
    goals = [json.loads(line)["goal"]["text"] for line in done.out.splitlines() if '"run.submitted"' in line]
    assert goals == ["看库存.csv里有几行", "write to me@home.org, @nobody"]


def test_attachment_is_there_for_the_goals_after_it(work: Path, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "信.md").write_text("dear")
    done = piped(work, environment, say("1"), say("2"), options=("--json", "--attach", str(tmp_path / "信.md")))
    submitted = [json.loads(line) for line in done.out.splitlines() if '"run.submitted"' in line]
    assert [[each["name"] for each in event["goal"]["attachments"]] for event in submitted] == [["信.md"], ["信.md"]]
    done = piped(work, environment, say("3"), options=("--json", "--continue"))
    assert '"name":"信.md"' in done.out.splitlines()[0]


# In a terminal


def test_goals_are_typed_and_answered_and_ctrl_d_leaves(work: Path, environment: dict[str, str]) -> None:
    with at_terminal(work, environment, "chat") as typist:
        typist.until(f"A new conversation about {work}. /help shows what can be said; Ctrl-D leaves.\n\n>")
        typist.type(f"{say('你好')}\r")
        assert "✓ s1 answer(text=你好)" in typist.until("\n你好\nNote: A test wrote this plan.\n")
        typist.type(f"{RECALL}\r")
        typist.until("\nsucceeded: 你好\n")
        typist.until("\n>")
        typist.type(CTRL_D)
        assert typist.left() == 0
        assert typist.screen.endswith("`trivet chat --continue` goes on with this conversation.\n")


def test_ctrl_c_stops_the_run_and_not_the_chat(work: Path, environment: dict[str, str], trivet: Trivet) -> None:
    with at_terminal(work, environment, "chat") as typist:
        typist.until("Ctrl-D leaves.\n\n>")
        typist.type(f"{WAIT}\r")
        until((work / "waiting").exists)
        typist.type(CTRL_C)
        typist.until("Stopped. /resume goes on where it was; or say what you want instead.\n")
        typist.type(f"{RECALL}\r")
        typist.until("\ninterrupted: \n")
        (work / "go").touch()
        typist.type("/resume\r")
        typist.until("\nthere it is\n")
        typist.type("/resume\r")
        typist.until("Nothing is left to go on with.")
        typist.type("/quit\r")
        assert typist.left() == 0
    assert [run["status"] for run in runs(trivet)] == ["succeeded", "succeeded"]


def test_ctrl_c_while_typing_takes_it_back_and_then_says_how_to_leave(work: Path, environment: dict[str, str]) -> None:
    with at_terminal(work, environment, "chat") as typist:
        typist.until("Ctrl-D leaves.\n\n>")
        typist.type("no goal")
        typist.until("no goal")
        typist.type(CTRL_C)
        typist.until("\n>")
        typist.type(CTRL_C)
        assert "Ctrl-D" not in typist.until("Ctrl-D leaves, or /quit.")
        typist.until("\n>")
        typist.type(CTRL_D)
        assert typist.left() == 0
        assert "goes on with this conversation" not in typist.screen  # nothing was said


def test_question_and_approval_are_asked_inside_the_chat(work: Path, environment: dict[str, str]) -> None:
    goal = scripted.goal(
        ("ask", {"question": "Which colour?"}), ("scripted.send", {"text": "{{s1}}"}), ("answer", {"text": "{{s2}}"})
    )
    with at_terminal(work, environment, "chat") as typist:
        typist.until("Ctrl-D leaves.\n\n>")
        typist.type(f"{goal}\r")
        typist.until("\nWhich colour?")
        typist.until(":")
        typist.type("\r")
        typist.until("\nWhich colour?")
        typist.until(":")
        typist.type("红色\r")
        typist.until('\nMay it do this (it cannot be undone or repeated)?\nscripted.send {\n  "text": "红色"\n}\n')
        typist.until("[y/N/a/t]:")
        typist.type("perhaps\r")
        typist.until("Say y, n, a or t.\n")
        typist.until("[y/N/a/t]:")
        typist.type("y\r")
        typist.until("\nsent\n")
        typist.until("\n>")
        typist.type(CTRL_D)
        assert typist.left() == 0
    assert (work / "sent").read_text(encoding="utf-8") == "红色"


def test_ctrl_c_at_a_question_stops_the_run_and_the_next_line_is_the_chats(
    work: Path, environment: dict[str, str]
) -> None:
    goal = scripted.goal(("ask", {"question": "Which colour?"}), ("answer", {"text": "it is {{s1}}"}))
    with at_terminal(work, environment, "chat") as typist:
        typist.until("Ctrl-D leaves.\n\n>")
        typist.type(f"{goal}\r")
        typist.until("\nWhich colour?")
        typist.until(":")
        typist.type(CTRL_C)
        typist.until("Stopped. /resume goes on")
        typist.type(f"{say('here')}\r")
        typist.until("\nhere\n")
        typist.type("/resume\r")
        typist.until("\nWhich colour?")
        typist.until(":")
        typist.type(CTRL_D)
        typist.until("It waits: Which colour?\n/resume asks again.\n")
        typist.type("/quit\r")
        assert typist.left() == 0
    with at_terminal(work, environment, "chat", "--continue") as typist:
        typist.until("\nhere\n")
        typist.until("\n>")
        typist.type("/resume\r")
        typist.until("\nWhich colour?")
        typist.until(":")
        typist.type("blue\r")
        typist.until("\nit is blue\n")


def test_what_was_typed_ahead_approves_nothing(work: Path, environment: dict[str, str]) -> None:
    goal = scripted.goal(
        ("scripted.wait", {"path": "go"}), ("scripted.send", {"text": "{{s1}}"}), ("answer", {"text": "{{s2}}"})
    )
    with at_terminal(work, environment, "chat") as typist:
        typist.until("Ctrl-D leaves.\n\n>")
        typist.type(f"{goal}\r")
        until((work / "waiting").exists)
        typist.type("y\r")
        typist.until("y\n")
        (work / "go").touch()
        typist.until("[y/N/a/t]:")
        typist.type("\r")
        typist.until("Not achieved")
    assert not (work / "sent").exists()


def test_killed_chat_is_gone_on_with(work: Path, environment: dict[str, str], trivet: Trivet) -> None:
    with at_terminal(work, environment, "chat") as typist:
        typist.until("Ctrl-D leaves.\n\n>")
        typist.type(f"{say('你好')}\r")
        typist.until("\n你好\n")
        typist.type(f"{WAIT}\r")
        until((work / "waiting").exists)
        os.kill(typist.pid, signal.SIGKILL)
        assert typist.left() == -signal.SIGKILL
    id = runs(trivet)[-1]["id"]
    (work / "go").touch()
    with at_terminal(work, environment, "chat", "--continue") as typist:
        typist.until(", 2 goals so far.\n")
        typist.until("\n你好\n")
        typist.until(f"Note: Run {id}, '{cut(WAIT, 80)}', was interrupted: /resume goes on with it.\n")
        typist.type("/resume\r")
        typist.until("\nthere it is\n")
        typist.type(f"{RECALL}\r")
        typist.until("\nsucceeded: 你好; succeeded: there it is\n")


def test_goal_of_several_lines(work: Path, environment: dict[str, str], trivet: Trivet) -> None:
    with at_terminal(work, environment, "chat") as typist:
        typist.until("Ctrl-D leaves.\n\n>")
        typist.type("第一行\x1b\r第二行\r")
        typist.until("Not achieved.\n")
        typist.until("\n>")
        typist.type("\x1b[200~pasted\r\nlines\x1b[201~")
        typist.until("lines")
        typist.type("\r")
        typist.until("Not achieved.\n")
    assert [run["goal"] for run in runs(trivet)] == ["第一行\n第二行", "pasted\nlines"]


def test_what_was_typed_is_found_in_the_next_chat_by_its_owner_only(
    work: Path, environment: dict[str, str], home: Path
) -> None:
    for typed in (f"{say('你好')}\r", "\x1b[A\r"):
        with at_terminal(work, environment, "chat") as typist:
            typist.until("Ctrl-D leaves.\n\n>")
            typist.type(typed)
            typist.until("\n你好\n")
    assert stat.S_IMODE((home / "chat_history").stat().st_mode) == 0o600


def test_tab_completes_files_and_commands(work: Path, environment: dict[str, str], trivet: Trivet) -> None:
    (work / "库存.csv").touch()
    with at_terminal(work, environment, "chat") as typist:
        typist.until("Ctrl-D leaves.\n\n>")
        typist.type("看@库")
        typist.until("库存.csv")  # offered
        typist.type("\t")
        typist.until("库存.csv")  # taken
        typist.type("\r")
        typist.until("Not achieved.\n")
        typist.until("\n>")
        typist.type("/qui\t")
        typist.until("/quit")
        typist.type("\r")
        assert typist.left() == 0
    assert [run["goal"] for run in runs(trivet)] == ["看库存.csv"]


def test_terminated_chat_says_how_to_go_on(work: Path, environment: dict[str, str], trivet: Trivet) -> None:
    with at_terminal(work, environment, "chat") as typist:
        typist.until("Ctrl-D leaves.\n\n>")
        typist.type(f"{WAIT}\r")
        until((work / "waiting").exists)
        os.kill(typist.pid, signal.SIGTERM)
        assert typist.left() == 130
        conversation = runs(trivet)[0]["conversation"]
        assert f"\nStopped. `trivet chat --continue {conversation}` goes on with the conversation.\n" in typist.screen
    assert runs(trivet)[0]["status"] == "interrupted"
    with at_terminal(work, environment, "chat") as typist:
        typist.until("Ctrl-D leaves.\n\n>")
        os.kill(typist.pid, signal.SIGTERM)
        assert typist.left() == 0


# What it costs others


@pytest.mark.parametrize(
    "command", [("--help",), ("chat", "--help"), ("run", "--help"), ("runs", "list")], ids=" ".join
)
def test_only_who_talks_in_a_terminal_loads_the_editor(home: Path, site: Site, command: tuple[str, ...]) -> None:
    assert "prompt_toolkit" not in modules(home, site, *command)


def test_run_loads_no_editor(environment: dict[str, str], home: Path, site: Site) -> None:
    assert "prompt_toolkit" not in modules(home, site, "run", say("1"))
