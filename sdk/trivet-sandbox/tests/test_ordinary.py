"""Ordinary programs work in the sandbox."""

from collections.abc import Callable
from functools import cache

import pytest
from corpus import Run
from corpus.ordinary import PROGRAMS

Outcomes = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def outcomes(run_here: Run, run_as_ordinary_user: Run, numpy: list[str]) -> Outcomes:
    @cache
    def found(way: str) -> dict[str, str]:
        if way == "ordinary user":
            return run_as_ordinary_user("ordinary", "watched")
        return run_here("ordinary", "sandbox" if way == "control groups" else "watched", "--modules", *numpy)

    return found


@pytest.mark.parametrize("way", ["control groups", "watched", "ordinary user"])
@pytest.mark.parametrize("name", [each.name for each in PROGRAMS])
def test_ordinary_program_works(outcomes: Outcomes, name: str, way: str) -> None:
    if way == "ordinary user" and next(each.needs for each in PROGRAMS if each.name == name):
        pytest.skip("packages of root's environment are not for an ordinary user to read")
    assert outcomes(way)[name] == "works"
