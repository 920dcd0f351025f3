"""What a distribution imports it also asks for, wherever in its files the import stands."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECTS = [ROOT / "host", *sorted(ROOT.glob("sdk/*")), *sorted(ROOT.glob("plugins/*"))]
USED_IF_THERE = {
    "trivet-sdk": {
        "pytest",
        "hypothesis",
        "pydantic",
        "debugpy",
    },  # for plugins' tests, loaded by them alone; pydantic's classes are only recognised; a debugger is for who asks
    "trivet": {
        "torch",
        "bfcl-eval",
    },  # `models devices` tells what torch sees, if there is one; `eval bfcl` fetches its package when it is asked for
}
BY_THE_SDK = {"anyio", "msgspec", "pluggy", "structlog"}  # in its contracts, so whoever has it has them
PROVIDED_BY = packages_distributions()


def imports(package: Path) -> Iterator[str]:
    """Names of the top-level modules from outside the standard library."""
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                yield node.module.partition(".")[0]


def asked_for(about: dict[str, Any]) -> Iterator[str]:
    """Requirements, those of extras included."""
    yield from about["dependencies"]
    for extra in about.get("optional-dependencies", {}).values():
        yield from extra


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_imports_are_declared(project: Path) -> None:
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    declared: set[str] = {canonicalize_name(Requirement(text).name) for text in asked_for(about)}
    declared |= BY_THE_SDK if "trivet-sdk" in declared else set()
    name = about["name"]
    package = name.replace("-", "_")

    imported = set(imports(project / package)) - set(sys.stdlib_module_names) - {package}
    needed = {canonicalize_name(PROVIDED_BY.get(module, [module])[0]) for module in imported}

    assert needed - declared - USED_IF_THERE.get(name, set()) == set()


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_every_dependency_is_pinned(project: Path) -> None:
    pins = {
        canonicalize_name(line.partition("==")[0]): line.strip().partition("==")[2]
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if not line.startswith("#")
    }
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]

    for text in asked_for(about):
        requirement = Requirement(text)
        if not requirement.name.startswith("trivet"):
            assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), text
