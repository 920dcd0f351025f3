"""`trivet run` from end to end: what is printed where, and the exit code."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.host.cli import scripted
from tests.host.cli.conftest import TOOL, WORKING, Done, Site, Trivet, clean_environment
from trivet.journal import open_journal
from trivet_sdk.events import Event, ModelCalled, ModelReturned, QuestionAnswered, Record, RunSubmitted
from trivet_sdk.goal import Goal
from trivet_sdk.message import system, user

pytestmark = pytest.mark.usefixtures("alone")

SAY = scripted.goal(("scripted.say", {"text": "你好，世界"}), ("answer", {"text": "{{s1}}!"}))


@pytest.fixture
def run(site: Site, home: Path, trivet: Trivet) -> Trivet:
    """`trivet run GOAL` with a planner that reads the plan out of the goal."""
    install(site, home)

    def run(*arguments: str, **environment: str) -> Done:
        return trivet("run", *arguments, **environment)

    return run


def install(site: Site, home: Path, manifest: str = scripted.MANIFEST) -> None:
    from trivet.kernel.survey import survey
    from trivet.settings import load_settings
    from trivet.settings_file import write_setting

    site.add("scripted", scripted.SOURCE, manifest=manifest)
    sys.path.insert(0, str(site.folder))
    try:
        record = survey(load_settings(home, environ={})).records["scripted"]
    finally:
        sys.path.remove(str(site.folder))
    write_setting(home, "plugins.scripted.enabled", True)
    write_setting(home, "plugins.scripted.name", record.distribution)
    write_setting(home, "plugins.scripted.version", record.version)
    write_setting(home, "plugins.scripted.digest", record.digest)
    write_setting(home, "roles.planner", "scripted")
    write_setting(home, "roles.reflector", "easy")


def events(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def test_answer_is_on_stdout_and_all_else_on_stderr(run: Trivet) -> None:
    done = run(SAY)
    assert (done.code, done.out) == (0, "你好，世界!\n")
    lines = done.err.splitlines()
    assert lines[0].startswith("run ")
    assert lines[1:4] == ["plan", "  s1  scripted.say(text=你好，世界)", "  s2  answer(text={{s1}}!)"]
    assert lines[-1] == "Note: A test wrote this plan."


def test_events_are_one_a_line_and_end_with_the_run(run: Trivet) -> None:
    done = run(SAY, "--json")
    found = events(done)
    assert done.code == 0
    assert [event["seq"] for event in found] == list(range(1, len(found) + 1))
    assert (found[0]["topic"], found[-1]["topic"]) == ("run.submitted", "run.finished")
    assert (found[-1]["status"], found[-1]["answer"]) == ("succeeded", "你好，世界!")
    assert found[0]["client"] == "cli"


def test_artifacts_are_named(run: Trivet, tmp_path: Path) -> None:
    done = run(scripted.goal(("scripted.note", {"path": "表.txt", "text": "x"}), ("answer", {"text": "done"})))
    assert done.code == 0
    assert "wrote 表.txt\n" in done.err
    assert (tmp_path / "work" / "表.txt").read_text() == "x"


def test_dry_run_prints_the_plan_and_does_nothing(run: Trivet, tmp_path: Path) -> None:
    done = run(
        scripted.goal(("scripted.note", {"path": "a.txt", "text": "x"}), ("answer", {"text": "done"})), "--dry-run"
    )
    assert (done.code, done.out) == (0, "s1  scripted.note(path=a.txt, text=x)\ns2  answer(text=done)\n")
    assert not (tmp_path / "work" / "a.txt").exists()


def test_dry_run_of_a_goal_that_nobody_can_plan_is_not_achieved(run: Trivet) -> None:
    done = run("paint the fence", "--dry-run")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("Error: ")


def test_goal_that_nobody_can_plan_is_not_achieved(run: Trivet) -> None:
    done = run("paint the fence", "--json")
    assert done.code == 1
    assert (events(done)[-1]["topic"], events(done)[-1]["status"]) == ("run.finished", "failed")


def test_budget_that_runs_out_has_a_code_of_its_own(run: Trivet) -> None:
    steps = [("scripted.say", {"text": str(number)}) for number in range(3)]
    done = run(scripted.goal(*steps, ("answer", {"text": "done"})), "--max-steps", "2", "--json")
    assert (done.code, events(done)[-1]["status"]) == (3, "exhausted")


@pytest.mark.parametrize(
    ("flag", "sentence"),
    [
        ("--max-steps", "The budget of 1 step is used up before the goal was reached."),
        (
            "--max-replans",
            "The budget of 0 changes of the plan is used up before the goal was reached.",
        ),
    ],
)
def test_bound_that_is_reached_names_the_flag_that_raises_it(run: Trivet, flag: str, sentence: str) -> None:
    steps = [("scripted.say", {"text": str(number)}) for number in range(3)]
    if flag == "--max-replans":
        steps = [("scripted.say", {"text": "a"}), ("scripted.say", {"text": "{{s1#/nothing}}"})]
    done = run(scripted.goal(*steps, ("answer", {"text": "done"})), flag, "1" if flag == "--max-steps" else "0")
    assert done.out.startswith(sentence)
    key = flag[2:].replace("-", "_")
    assert done.err.endswith(
        f"The budget is exhausted.\nGive a run more with {flag} N, or every run: trivet config set run.{key} N\n"
    )


def test_question_without_a_terminal_waits_and_is_answered_later(run: Trivet, trivet: Trivet) -> None:
    done = run(scripted.goal(("ask", {"question": "Which file?"}), ("answer", {"text": "you said {{s1}}"})), "--json")
    assert done.code == 4
    assert events(done)[-1]["topic"] == "run.waiting"
    id = events(done)[0]["run"]
    assert f'trivet runs answer {id} "…"' in done.err
    assert trivet("runs", "list", "--json").json()[0]["status"] == "waiting"
    answered = trivet("runs", "answer", "last", "the second")
    assert (answered.code, answered.out) == (0, "you said the second\n")


def test_call_that_cannot_be_undone_is_denied_without_a_terminal(run: Trivet, tmp_path: Path) -> None:
    goal = scripted.goal(("scripted.send", {"text": "dear"}), ("answer", {"text": "{{s1}}"}))
    refused = run(goal)
    assert refused.code == 1
    assert refused.err.endswith(
        "Note: 'scripted.send' was not called, since there is no terminal to ask in. Run it in one, or allow all such calls: "
        f"trivet run {shlex.quote(goal)} --approve always\n"
    )
    assert not (tmp_path / "work" / "sent").exists()
    assert run(goal, "--approve", "always").code == 0
    assert (tmp_path / "work" / "sent").read_text() == "dear"


def test_run_names_the_plugins_that_could_not_start(site: Site, home: Path, trivet: Trivet) -> None:
    install(site, home)
    source = f"import os\nif 'BROKEN' in os.environ: raise RuntimeError('no index')\n{WORKING}"
    site.add("eager", source, manifest=f'[plugin]\nid = "eager"\nsummary = "x"\nactivate = ["start"]\n{TOOL}')
    assert trivet("plugins", "enable", "eager", "--yes").code == 0
    done = trivet("run", SAY, BROKEN="1")
    assert done.code == 0
    reason = "raised while starting: RuntimeError: no index"
    assert f"Note: Plugin 'eager' failed: {reason}; `trivet plugins why eager` says more\n" in done.err
    assert f"Note: Plugin 'eager' (eager-plugin 0.1.0) failed: {reason}\n" in trivet("plugins", "list").err
    assert trivet("plugins", "why", "eager").out.startswith(f"Plugin 'eager' (eager-plugin 0.1.0) failed: {reason}\n")


def test_prompts_are_shown_whole_with_what_came_back(trivet: Trivet, home: Path) -> None:
    asked = (system("You plan."), user("How many rows?\n你好"))
    happened: list[Event] = [
        ModelCalled(call="m1", model="big", purpose="plan", messages=asked),
        ModelReturned(call="m1", text="count\nthem", prompt_tokens=9, completion_tokens=2, seconds=0.5, finish="stop"),
        ModelCalled(
            call="m2", model="big", purpose="plan", messages=(user("And now?"),),
            options={"continues": {"call": "m1", "messages": 2}},
        ),
        ModelReturned(call="m2", error="the endpoint said 500", seconds=0.25),
    ]  # fmt: skip

    async def written() -> None:
        async with open_journal(home) as journal:
            begun = RunSubmitted(goal=Goal(text="count", workspace="/"))
            await journal.create(Record(run="r1", seq=1, time=0.0, event=begun), claim=False)
            records = [Record(run="r1", seq=2 + place, time=0.0, event=event) for place, event in enumerate(happened)]
            await journal.append("r1", records, durable=True)

    home.mkdir(exist_ok=True)
    anyio.run(written)
    assert trivet("runs", "show", "r1", "--prompts").out == (
        "1  run r1: count\n"
        "2  planning with model 'big'\n"
        "   prompt m1, to model 'big'\n"
        "     [system]\n"
        "       You plan.\n"
        "     [user]\n"
        "       How many rows?\n"
        "       你好\n"
        "3  model.returned\n"
        "   completion m1, 9 tokens in, 2 out, 0.50 s, stop\n"
        "       count\n"
        "       them\n"
        "4  planning with model 'big'\n"
        "   prompt m2, to model 'big'\n"
        "     [system]\n"
        "       You plan.\n"
        "     [user]\n"
        "       How many rows?\n"
        "       你好\n"
        "     [user]\n"
        "       And now?\n"
        "5  model.returned\n"
        "   completion m2, 0 tokens in, 0 out, 0.25 s\n"
        "       failed: the endpoint said 500\n"
    )
    assert "You plan." not in trivet("runs", "show", "r1", "--events").out
    assert "You plan." not in trivet("runs", "show", "r1").out


def test_where_no_run_is_it_says_how_to_begin_one(trivet: Trivet) -> None:
    assert trivet("runs", "list") == (0, "", "No run yet. To begin one: trivet run GOAL\n")
    assert trivet("runs", "show", "last") == (2, "", "Error: There is no run yet. To begin one: trivet run GOAL\n")
    assert trivet("tools", "list", "zzz") == (0, "", "No tool has 'zzz' in its name or summary.\n")


def test_run_that_was_answered_and_left_is_interrupted(run: Trivet, trivet: Trivet, home: Path) -> None:
    id = events(run(scripted.goal(("ask", {"question": "Which?"}), ("answer", {"text": "{{s1}}"})), "--json"))[0]["run"]
    assert trivet("runs", "list", "--json").json()[0]["status"] == "waiting"

    async def answered_and_killed() -> None:
        async with open_journal(home) as journal:
            seq = len([record async for record in journal.read(id)]) + 1
            said = QuestionAnswered(step="s1", id=question, answer="this")
            await journal.append(id, (Record(run=id, seq=seq, time=0.0, event=said),), durable=True)

    asked = events(trivet("runs", "show", id, "--json"))
    question = next(event["id"] for event in asked if event["topic"] == "question.asked")
    anyio.run(answered_and_killed)
    assert trivet("runs", "list", "--json").json()[0]["status"] == "interrupted"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((SAY, "--reload", "scriptd"), "Error: Plugin 'scriptd' is not installed. Did you mean 'scripted'? "
                                       "`trivet plugins list` shows what is."),
        (("What", "is", "the", "mean"), 'Error: Put the goal in quotes, so that it is one: trivet run "What is the mean"'),
        ((" ",), 'Error: GOAL is empty. Say what you want, like: trivet run "How many rows has a.csv?"'),
        ((SAY, "--workspace", "nowhere"), "Error: There is no folder 'nowhere'."),
        ((SAY, "--attach", "nothing.csv"), "Error: There is no file 'nothing.csv' to attach."),
        ((SAY, "--attach", "."), "Error: '.' is a folder, and only files are attached. Attach its files, or work in it: "
                                 "--workspace ."),
        ((SAY, "--attach", "/dev/null"), "Error: '/dev/null' is no file with content of its own, so it cannot be attached."),
        ((SAY, "--attach", "a" * 300), f"Error: '{'a' * 300}' cannot be attached: File name too long."),
        ((SAY, "--planner", "scriptd"), "Error: No enabled plugin provides the planner 'scriptd'. Did you mean 'scripted'? "
                                        "There is: scripted."),
        ((SAY, "--planner", "plan-smollm2"), "Error: No enabled plugin provides the planner 'plan-smollm2'. There is: scripted. "
                                             "Plugin 'plan-smollm2' would, but it is disabled: disabled in settings; "
                                             "`trivet plugins enable plan-smollm2` enables it."),
        ((SAY, "--model", "big"), "Error: Model 'big' is not defined. There is: local, coder. `trivet init` defines one."),
        ((SAY, "--max-steps", "x"), "Error: Invalid value for '--max-steps': 'x' is not a valid whole number."),
        ((SAY, "--max-steps", "0"), "Error: Invalid value for '--max-steps': 0 is not in the range x>=1."),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_sentence(run: Trivet, arguments: tuple[str, ...], sentence: str) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == sentence


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_is_resumed_where_it_was(
    site: Site, home: Path, trivet: Trivet, tmp_path: Path, sign: signal.Signals
) -> None:
    install(site, home)
    goal = scripted.goal(
        ("scripted.say", {"text": "one"}), ("scripted.wait", {"path": "go"}), ("answer", {"text": "{{s1}}, {{s2}}"})
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "trivet", "run", goal], cwd=tmp_path / "work",
        env={**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not (tmp_path / "work" / "waiting").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(sign)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    id = trivet("runs", "list", "--json").json()[0]["id"]
    assert err.splitlines()[-1] == f"Stopped. `trivet runs resume {id}` goes on where it was."
    (tmp_path / "work" / "go").touch()
    resumed = trivet("runs", "resume", id[:6])
    assert (resumed.code, resumed.out) == (0, "one, there it is\n")
    shown = trivet("runs", "show", id, "--events").out
    assert shown.count("s1 done") == 1


def test_detached_run_prints_its_id_and_is_watched(run: Trivet, trivet: Trivet) -> None:
    done = run(SAY, "--detach")
    assert done.code == 0
    id = done.out.strip()
    watched = trivet("runs", "watch", id)
    assert watched.code == 0
    assert watched.out.endswith("\nsucceeded\n你好，世界!\n")


def test_detached_run_waits_for_its_approval(run: Trivet, trivet: Trivet, tmp_path: Path) -> None:
    goal = scripted.goal(("scripted.send", {"text": "dear"}), ("answer", {"text": "{{s1}}"}))
    id = run(goal, "--detach").out.strip()
    deadline = time.monotonic() + 30
    while (approved := trivet("runs", "approve", id)).code != 0:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert approved.out == f"Run {id} is told.\n"
    assert trivet("runs", "watch", id).out.endswith("\nsucceeded\nsent\n")
    assert (tmp_path / "work" / "sent").read_text() == "dear"


def test_cancelled_run_says_so(run: Trivet, trivet: Trivet) -> None:
    id = events(run(scripted.goal(("ask", {"question": "Which?"})), "--json"))[0]["run"]
    assert trivet("runs", "cancel", id).out == f"Run {id} is cancelled.\n"
    assert trivet("runs", "list", "--json").json()[0]["status"] == "cancelled"
    assert trivet("runs", "cancel", id).out == f"Run {id} is over: cancelled.\n"


def test_answer_is_readable_in_any_locale(run: Trivet) -> None:
    done = run(SAY, LC_ALL="C", LANG="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (done.code, done.out) == (0, "你好，世界!\n")


def test_reader_that_goes_away_is_no_error(site: Site, home: Path, trivet: Trivet, tmp_path: Path) -> None:
    install(site, home)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "trivet", "run", SAY, "--json"], cwd=tmp_path / "work",
        env={**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)},
        stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60,
    )  # fmt: skip
    os.close(writing)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_run_is_forked_with_other_words(run: Trivet, trivet: Trivet, tmp_path: Path) -> None:
    goal = scripted.goal(("scripted.note", {"path": "注.txt", "text": "one"}), ("answer", {"text": "{{s1}}"}))
    source = events(run(goal, "--json"))
    id, written = source[0]["run"], tmp_path / "work" / "注.txt"
    at = next(each["seq"] for each in source if each["topic"] == "tool.returned")
    written.unlink()
    done = trivet("runs", "fork", id[:6], "--at", str(at))
    assert (done.code, done.out) == (0, "written\n")
    assert not written.exists()  # it was written before the cut
    forked = trivet("runs", "list", "--json").json()[0]["id"]
    assert f"\nforked from {id} at {at}\n" in trivet("runs", "show", forked).out
    assert f"\n{at + 1:>2}  forked from run {id} at {at}\n" in trivet("runs", "show", forked, "--events").out
    left = trivet("runs", "fork", "last", "--goal", "另一个", "--approve", "never", "--no-resume")
    made = left.out.strip()
    assert left == (0, f"{made}\n", f"`trivet runs resume {made}` goes on with it.\n")
    assert [trivet("runs", "list", "--json").json()[0][key] for key in ("id", "status", "goal")] == [
        made, "queued", "另一个"
    ]  # fmt: skip
    resumed = trivet("runs", "resume", made)
    assert (resumed.code, "the goal has changed; it was: [" in resumed.err) == (1, False)
    assert "there is no other plan" in trivet("runs", "show", made, "--json").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nothing",), "Error: There is no run 'nothing'. `trivet runs list` shows all."),
        (("{run}", "--at", "0"), "Error: Run {run} cannot be forked there: it has no event 0: its events are numbered from 1 to "
                                 "{end}. `trivet runs show {run} --events` numbers them."),
        (("{run}", "--at", "99"), "Error: Run {run} cannot be forked there: it has no event 99: its events are numbered from 1 "
                                  "to {end}. `trivet runs show {run} --events` numbers them."),
        (("{run}", "--at", "{end}"), "Error: Run {run} cannot be forked there: event {end} is its end, and nothing follows an "
                                     "end. Fork it at {before} or before. `trivet runs show {run} --events` numbers them."),
        (("{run}", "--at", "x"), "Error: Invalid value for '--at': 'x' is not a valid whole number."),
        (("{run}", "--goal", " "), "Error: The new goal is empty. Leave --goal out to keep the old one."),
        (("{run}", "--workspace", "nowhere"), "Error: There is no folder 'nowhere'."),
        (("{run}", "--planner", "scriptd"), "Error: No enabled plugin provides the planner 'scriptd'. Did you mean 'scripted'? "
                                            "There is: scripted."),
        (("{run}", "--model", "big"), "Error: Model 'big' is not defined. There is: local, coder. `trivet init` defines one."),
    ],
)  # fmt: skip
def test_wrong_fork_is_one_sentence_and_no_run(
    run: Trivet, trivet: Trivet, arguments: tuple[str, ...], sentence: str
) -> None:
    source = events(run(SAY, "--json"))
    names = {"run": source[0]["run"], "end": source[-1]["seq"], "before": source[-1]["seq"] - 1}
    done = trivet("runs", "fork", *(each.format(**names) for each in arguments))
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == sentence.format(**names)
    assert len(trivet("runs", "list", "--json").json()) == 1


def test_replay_says_that_nothing_differs_or_what_does(run: Trivet, trivet: Trivet, site: Site, tmp_path: Path) -> None:
    goal = scripted.goal(("scripted.note", {"path": "注.txt", "text": "one"}), ("answer", {"text": "{{s1}}"}))
    source = events(run(goal, "--json"))
    id = source[0]["run"]
    (tmp_path / "work" / "注.txt").unlink()
    count = len(source) - 1  # the submission is given
    assert trivet("runs", "replay", id[:6]) == (0, f"Run {id} is the same today: {count} events were compared.\n", "")
    assert not (tmp_path / "work" / "注.txt").exists()
    assert trivet("runs", "replay", "last", "--json").json() == {
        "run": id, "events": count, "difference": None, "is_same": True
    }  # fmt: skip
    plugin = site.folder / "scripted_plugin" / "__init__.py"
    source_text = plugin.read_text(encoding="utf-8")
    plugin.write_text(source_text.replace("A test wrote this plan.", "另一个人写的。"), encoding="utf-8")
    assert trivet("plugins", "enable", "scripted", "--yes").code == 0
    assert trivet("runs", "replay", id) == (
        1,
        f"Event 3 of run {id} differs: plan.proposed, plan.note\n"
        '  recorded: "A test wrote this plan."\n'
        '  today:    "另一个人写的。"\n',
        "",
    )
    told = trivet("runs", "replay", id, "--json")
    assert (told.code, told.json()["difference"]["field"]) == (1, "plan.note")
    assert trivet("runs", "list", "--json").json()[0]["id"] == id
    plugin.write_text(source_text.replace("request.transcript.plan is not None", "True"), encoding="utf-8")
    assert trivet("plugins", "enable", "scripted", "--yes").code == 0
    assert trivet("runs", "replay", id).out == (
        f"Event 3 of run {id} differs: plan.proposed, plan\n"
        f"  recorded: {json.dumps(source[2]['plan'], ensure_ascii=False)}\n"
        "  today:    null\n"
    )


def test_replay_without_its_planner_is_one_sentence(run: Trivet, trivet: Trivet) -> None:
    id = events(run(SAY, "--json"))[0]["run"]
    assert trivet("plugins", "disable", "scripted").code == 0
    done = trivet("runs", "replay", id)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Error: No enabled plugin provides the planner 'scripted'.")
    assert trivet("runs", "replay", "nothing").err == (
        "Error: There is no run 'nothing'. `trivet runs list` shows all.\n"
    )


def test_texts_of_several_lines_are_compared_line_by_line() -> None:
    from trivet.cli.runs.replaying import told
    from trivet.runs.difference import Difference

    before, after = "You plan.\n工具：\n- look\n- note\n- send\n", "You plan.\n工具：\n- look\n- 写\n- send\n"
    difference = Difference(
        run="r1", seq=4, topic="model.called", field="messages[0].parts[0].text", recorded=before, today=after
    )
    assert list(told(difference)) == [
        "Event 4 of run r1 differs: model.called, messages[0].parts[0].text",
        "  --- recorded",
        "  +++ today",
        "  @@ -2,4 +2,4 @@",
        "   工具：",
        "   - look",
        "  -- note",
        "  +- 写",
        "   - send",
    ]
    other = Difference(run="r1", seq=4, recorded="plan.proposed", today="model.called", hint="prompt 12ab:\nSure?")
    assert list(told(other)) == [
        "Event 4 of run r1 differs:",
        "  recorded: plan.proposed",
        "  today:    model.called",
        "    prompt 12ab:",
        "    Sure?",
    ]
