"""No attack of the corpus succeeds, and every one of them does against a bare process."""

import os
from collections.abc import Callable
from functools import cache

import pytest
from corpus import Run
from corpus.attacks import ATTACKS

Verdicts = Callable[[str], dict[str, str]]
NAMES = [attack.name for attack in ATTACKS]
ROOTS = {attack.name for attack in ATTACKS if attack.is_root_only}


@pytest.fixture(scope="module")
def verdicts(run_here: Run, run_as_ordinary_user: Run) -> Verdicts:
    @cache
    def found(way: str) -> dict[str, str]:
        run = run_as_ordinary_user if way == "ordinary user" else run_here
        return run("attacks", {"control groups": "sandbox", "bare": "bare"}.get(way, "watched"))

    return found


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 120


@pytest.mark.parametrize("way", ["control groups", "watched", "ordinary user"])
@pytest.mark.parametrize("name", NAMES)
def test_attack_is_held(verdicts: Verdicts, name: str, way: str) -> None:
    assert verdicts(way)[name] == "held"


@pytest.mark.parametrize("name", NAMES)
def test_attack_gets_the_better_of_a_bare_process(verdicts: Verdicts, name: str) -> None:
    if os.geteuid() != 0 and name in ROOTS:
        pytest.skip("only a bare process of root can do that")
    assert verdicts("bare")[name].startswith("escaped: ")
