"""The doctor names what is wrong, each with its cure."""

from pathlib import Path

import pytest

from tests.host.cli.conftest import Site, Trivet
from tests.host.cli.index import House, Index


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


def test_home_that_cannot_be_written_is_named(trivet: Trivet, home: Path) -> None:
    home.write_text("a file where a folder should be")
    assert ("wrong", f"trivet's home {home} cannot be used: File exists. "
                     "Set TRIVET_HOME to a directory that you can write.") in findings(trivet)  # fmt: skip


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
