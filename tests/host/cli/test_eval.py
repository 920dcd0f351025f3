"""`trivet eval` from end to end: suites, what is kept, interruption, comparison, exit codes and sentences."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.host.cli import scripted
from tests.host.cli.conftest import Site, Trivet, clean_environment
from tests.host.cli.test_run import install

pytestmark = pytest.mark.usefixtures("alone")

HELLO = scripted.goal(("scripted.say", {"text": "你好"}), ("answer", {"text": "{{s1}}, 12 times"}))
NOTE = scripted.goal(("scripted.note", {"path": "out.txt", "text": "好"}), ("answer", {"text": "done"}))
ASK = scripted.goal(("ask", {"question": "Which one?"}))


@pytest.fixture
def evaluate(site: Site, home: Path, trivet: Trivet) -> Trivet:
    install(site, home)

    def run(*arguments: str, **environment: str) -> Any:
        return trivet("eval", *arguments, **environment)

    return run


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    lines = [
        {
            "id": "hello",
            "class": "lookup",
            "goal": HELLO,
            "expect": {"answer_number": 12, "answer_contains_all": ["你好"]},
        },
        {"id": "off-by-one", "class": "lookup", "goal": HELLO, "expect": {"answer_number": 13}},
        {"id": "note", "class": "write", "goal": NOTE, "expect": {"file": "out.txt", "text": "好"}},
        {
            "id": "damage",
            "class": "write",
            "goal": NOTE.replace("out.txt", "有.txt"),
            "expect": {"answer_contains_all": ["done"]},
        },
        {"id": "no", "class": "refuse", "goal": "no plan at all", "expect": {"not_achieved": True}},
        {"id": "asks", "class": "refuse", "goal": ASK, "expect": {"asks": True}, "split": "held"},
        {
            "id": "call",
            "class": "call",
            "goal": HELLO,
            "expect": {"calls": [{"tool": "scripted.say", "arguments": {"text": "你好"}}]},
        },
        {"id": "held", "class": "refuse", "goal": HELLO, "expect": {"answer_number": 7}, "split": "held"},
    ]
    return write(tmp_path / "suite", lines)


def write(folder: Path, lines: list[dict[str, Any]]) -> Path:
    (folder / "workspace").mkdir(parents=True)
    (folder / "workspace" / "有.txt").write_text("有", "utf-8")
    (folder / "goals.jsonl").write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return folder


def test_suites_are_listed_without_arguments(evaluate: Trivet) -> None:
    done = evaluate()
    assert done.code == 0
    assert "goals  Goals of a folder, end to end, with checked answers and files\n" in done.out


def test_goals_are_judged_and_kept(evaluate: Trivet, suite: Path, tmp_path: Path) -> None:
    done = evaluate("goals", str(suite), "--label", "first", "--json", "--report", str(tmp_path / "report.json"))
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document == json.loads((tmp_path / "report.json").read_text("utf-8"))
    found = {each["case"]: each for each in document["results"]}
    assert {case: each["verdict"] for case, each in found.items()} == {
        "hello": "right", "off-by-one": "wrong", "note": "right", "damage": "wrong", "no": "right", "asks": "right",
        "call": "right", "held": "wrong",
    }  # fmt: skip
    assert found["off-by-one"]["reasons"] == ["answer lacks the number 13 (tolerance 0), has [12.0]"]
    assert found["damage"]["reasons"] == ["changed or deleted: 有.txt"]
    assert found["call"]["measures"] == {"tool": True, "arguments": True}
    assert found["asks"]["asked"] is True
    assert "reasons" not in found["held"]
    assert "answer" not in found["held"]
    assert document["totals"]["right"] == {"count": 5, "share": 0.625, "interval": [0.3057, 0.8632]}
    assert (suite / "workspace" / "有.txt").read_text("utf-8") == "有"
    assert not (suite / "workspace" / "out.txt").exists()


def test_runs_are_runs_and_none_is_left_waiting(evaluate: Trivet, trivet: Trivet, suite: Path) -> None:
    assert evaluate("goals", str(suite), "--id", "asks,hello").code == 0
    listed = json.loads(trivet("runs", "list", "--json").out)
    assert sorted(run["status"] for run in listed) == ["cancelled", "succeeded"]


def test_table_ends_with_the_totals(evaluate: Trivet, suite: Path) -> None:
    done = evaluate("goals", str(suite), "--only", "lookup")
    lines = done.out.splitlines()
    assert lines[0].split()[:3] == ["CLASS", "CASES", "RIGHT"]
    assert lines[2].split()[:5] == ["all", "2", "1", "50%", "9%–91%"]
    assert lines[-1].startswith("right 1/2 claimed-wrong 1/2 median ")
    assert "[1/2" in done.err


def test_fewer_right_than_asked_for_exits_with_1(evaluate: Trivet, suite: Path) -> None:
    assert evaluate("goals", str(suite), "--only", "lookup", "--at-least", "50").code == 0
    done = evaluate("goals", str(suite), "--only", "lookup", "--at-least", "51")
    assert done.code == 1
    assert "1 of 2 cases are right, and at least 51% were asked for." in done.err


def test_comparison_names_what_was_gained_and_lost(evaluate: Trivet, suite: Path) -> None:
    lines = (suite / "goals.jsonl").read_text("utf-8")
    evaluate("goals", str(suite), "--only", "lookup", "--label", "before")
    (suite / "goals.jsonl").write_text(lines.replace('"answer_number": 13', '"answer_number": 12'), "utf-8")
    evaluate("goals", str(suite), "--only", "lookup", "--label", "after")
    done = evaluate("compare", "before", "after")
    assert done.code == 0, done.err
    assert "after gained: off-by-one" in done.out
    assert "██████████" in done.out
    document = json.loads(evaluate("compare", "before", "after", "--json").out)
    assert [each["right"] for each in document["evaluations"]] == [1, 2]
    assert document["evaluations"][1]["chance"] == 1.0
    listed = json.loads(evaluate("list", "--json").out)
    assert [each["label"] for each in listed] == ["after", "before"], "also those of the same second"
    assert "off-by-one" in evaluate("show", "before", "--failed").out


def test_interrupted_evaluation_goes_on_where_it_was(evaluate: Trivet, site: Site, home: Path, tmp_path: Path) -> None:
    door = tmp_path / "door"
    wait = scripted.goal(("scripted.wait", {"path": str(door)}), ("answer", {"text": "3"}))
    lines = [{"id": f"g{i}", "class": "c", "goal": goal, "expect": {"answer_number": 3}}
             for i, goal in enumerate([scripted.goal(("answer", {"text": "3"})), wait, wait])]  # fmt: skip
    suite = write(tmp_path / "slow", lines)
    environment = {**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)}
    command = [sys.executable, "-m", "trivet", "eval", "goals", str(suite)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "g0" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped with 2 of 3 cases left. --continue goes on." in said
    door.touch()
    done = evaluate("goals", str(suite), "--continue", "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert [each["case"] for each in document["results"]] == ["g0", "g1", "g2"]
    assert len(json.loads(evaluate("list", "--json").out)) == 1
    done = evaluate("goals", str(suite), "--continue")
    assert done.code == 2
    assert "There is no interrupted evaluation of this suite as it is now. Begin without --continue." in done.err


def test_case_that_takes_too_long_is_a_timeout_and_the_next_one_begins(evaluate: Trivet, tmp_path: Path) -> None:
    wait = scripted.goal(("scripted.wait", {"path": str(tmp_path / "never")}), ("answer", {"text": "3"}))
    lines = [{"id": "slow", "class": "c", "goal": wait, "expect": {"answer_number": 3}},
             {"id": "next", "class": "c", "goal": HELLO, "expect": {"answer_number": 12}}]  # fmt: skip
    done = evaluate("goals", str(write(tmp_path / "s", lines)), "--seconds", "1", "--json")
    assert [each["verdict"] for each in json.loads(done.out)["results"]] == ["timeout", "right"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"id": "a"}, "line 1 of goals.jsonl: Object missing required field"),
        ({"id": "a", "class": "c", "goal": "g", "expect": {"answer_numbr": 1}}, "unknown field `answer_numbr` - at `$.expect`"),
        ({"id": "a", "class": "c", "goal": "g", "expect": {}, "attach": ["无.csv"]}, "there is no file '无.csv' to attach"),
        ({"id": "a", "class": "c", "goal": "g", "expect": {}, "workspace": "x"}, "there is no folder 'workspace/x'"),
    ],
)  # fmt: skip
def test_unusable_suite_is_refused_with_its_line(
    evaluate: Trivet, tmp_path: Path, line: dict[str, Any], said: str
) -> None:
    done = evaluate("goals", str(write(tmp_path / "bad", [line])))
    assert done.code == 2
    assert said in done.err
    assert "docs/how-to/evaluate.md has the format." in done.err


def test_unknown_names_are_refused_with_a_sentence(evaluate: Trivet, suite: Path) -> None:
    for arguments, said in (
        (("goals", str(suite), "--only", "lokup"), f"The suite {suite} has no class 'lokup'. Did you mean 'lookup'?"),
        (("goals", str(suite), "--id", "zzz"), f"The suite {suite} has no case 'zzz'."),
        (("show", "zzz"), "there is no evaluation 'zzz'. `trivet eval list` shows all."),
        (("compare", "zzz"), "Name two evaluations or more. `trivet eval list` shows them."),
    ):
        done = evaluate(*arguments)
        assert done.code == 2
        assert said.casefold() in done.err.casefold()


def test_plugins_of_a_suite_run_only_when_they_are_trusted(evaluate: Trivet, suite: Path) -> None:
    package = suite / "plugins" / "lent_plugin"
    package.mkdir(parents=True)
    tool = '[[contributes.tools]]\nname = "seven"\nsummary = "Seven"\neffect = "pure"\n'
    (package / "trivet.toml").write_text(f'[plugin]\nid = "lent"\nsummary = "A test"\n\n{tool}', "utf-8")
    (package / "__init__.py").write_text(
        "from trivet_sdk import Contributions, hookimpl, result, stateless, tool\n\n\n"
        '@tool(effect="pure")\nasync def seven():\n    """Seven."""\n    return result("7")\n\n\n'
        "@hookimpl\ndef activate(context):\n    return stateless(Contributions(tools=(seven,)))\n"
    )
    goal = scripted.goal(("lent.seven", {}), ("answer", {"text": "{{s1}}"}))
    line = {"id": "lent", "class": "c", "goal": goal, "expect": {"answer_number": 7, "calls": [{"tool": "lent.seven"}]}}
    (suite / "goals.jsonl").write_text(json.dumps(line), "utf-8")
    done = evaluate("goals", str(suite))
    assert done.code == 2
    assert "The suite brings plugins (lent_plugin), and plugins are code that runs as you." in done.err
    done = evaluate("goals", str(suite), "--trust-plugins", "--json")
    assert [each["verdict"] for each in json.loads(done.out)["results"]] == ["right"], done.err
