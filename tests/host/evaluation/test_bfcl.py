"""The suite `bfcl` from a package that looks like bfcl-eval, fetched by the real installer from a folder of wheels.

Its checker is a small one with the same doors: what is judged here is who calls what, and what is recorded. With
TRIVET_TEST_BFCL, a folder that holds the real package, the real checker is asked as well.
"""

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.walks.household import ScriptedPlanner, household, step
from trivet.errors import InstallError, SuiteUnreadable
from trivet.evaluation import Conditions, Result, begin, evaluate
from trivet.evaluation.bfcl import CATEGORIES, Manner, fetch, is_present, load_bfcl, place
from trivet.evaluation.bfcl.functions import as_tool, strict
from trivet.evaluation.bfcl.manners import Unreadable, read_calls
from trivet.evaluation.bfcl.package import REQUIREMENT, VERSION
from trivet_sdk import PlannerAbstained
from trivet_sdk.testing import ScriptedModel as Model

pytestmark = pytest.mark.anyio

AREA = {
    "name": "garden.area",
    "description": "Compute the area of a bed",
    "parameters": {
        "type": "dict",
        "properties": {"length": {"type": "float"}, "tags": {"type": "tuple", "items": {"type": "any"}}},
        "required": ["length"],
    },
}
QUESTIONS = [
    {
        "id": f"simple_python_{n}",
        "question": [[{"role": "user", "content": f"面积 of a bed {n} m long"}]],
        "function": [AREA],
    }
    for n in range(4)
]
TRUTH = [
    {"id": f"simple_python_{n}", "ground_truth": [{"garden.area": {"length": [n], "tags": ["", []]}}]} for n in range(4)
]
IRRELEVANT = [{"id": "irrelevance_0", "question": [[{"role": "user", "content": "Sing"}]], "function": [AREA]}]
CHECKER = """
from bfcl_eval.constants.model_config import MODEL_CONFIG_MAPPING
def ast_checker(functions, calls, truth, language, category, model):
    assert not MODEL_CONFIG_MAPPING[model].underscore_to_dot
    (name, arguments), = calls[0].items()
    wanted = truth[0].get(name)
    right = wanted is not None and all(value in wanted[key] for key, value in arguments.items())
    return {"valid": right, "error": [] if right else [f"{category}: not {calls[0]}"]}
"""


def write_wheel(folder: Path) -> None:
    info = f"bfcl_eval-{VERSION}.dist-info"
    files = {
        "bfcl_eval/__init__.py": "",
        "bfcl_eval/constants/__init__.py": "",
        "bfcl_eval/constants/enums.py": "class Language: PYTHON = 'python'\n",
        "bfcl_eval/constants/model_config.py": "raise ImportError('a hundred packages')\n",
        "bfcl_eval/eval_checker/__init__.py": "",
        "bfcl_eval/eval_checker/ast_eval/__init__.py": "",
        "bfcl_eval/eval_checker/ast_eval/ast_checker.py": CHECKER,
        "bfcl_eval/data/BFCL_v4_simple_python.json": "\n".join(map(json.dumps, QUESTIONS)),
        "bfcl_eval/data/BFCL_v4_irrelevance.json": "\n".join(map(json.dumps, IRRELEVANT)),
        "bfcl_eval/data/possible_answer/BFCL_v4_simple_python.json": "\n".join(map(json.dumps, TRUTH)),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: bfcl-eval\nVersion: {VERSION}\nRequires-Dist: no-such-thing==1\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"bfcl_eval-{VERSION}-py3-none-any.whl", "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    write_wheel(wheels)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    home = tmp_path / "home"
    assert not is_present(home)
    found = fetch(home, lambda line: None)
    assert (is_present(home), found) == (True, place(home))
    return found


async def results(
    tmp_path: Path, package: Path, manner: Manner, model: Model, planner: ScriptedPlanner, categories: Sequence[str]
) -> list[Result]:
    suite = load_bfcl(package, manner, categories)
    settings = {"roles": {"model": "scripted"}}
    async with household(tmp_path / "home", planner, model=model, settings=settings) as host:
        keeper = begin(host.settings, suite, Conditions())
        evaluation = await evaluate(suite, host, Conditions(), keeper)
    return sorted(evaluation.results, key=lambda result: result.case)


def calls(*lengths: float) -> str:
    return json.dumps([{"name": "garden.area", "arguments": {"length": length}} for length in lengths])


async def test_a_model_under_a_schema_is_judged_by_the_packages_checker(tmp_path: Path, package: Path) -> None:
    asked: list[Any] = []

    def said(request: Any) -> str:
        asked.append(request)
        long = int(request.messages[-1].parts[0].text.split(" bed ")[1].split()[0])
        return calls(long if long % 2 else 7)

    found = await results(tmp_path, package, "constrained", Model(said, repeats=True), ScriptedPlanner(), ["simple"])
    assert [result.verdict for result in found] == ["wrong", "right", "wrong", "right"]
    assert "simple: not {'garden.area': {'length': 7}}" in found[0].reasons[0]
    assert (found[1].group, found[1].answer) == ("simple", '[["garden.area", {"length": 1}]]')
    assert all(result.measures == {"functions": True} for result in found)
    schema = asked[0].schema["items"]["properties"]
    assert schema["name"] == {"const": "garden.area"}
    assert schema["arguments"]["properties"]["length"] == {"type": "number"}


async def test_a_model_that_writes_freely_is_read_where_it_can_be(tmp_path: Path, package: Path) -> None:
    model = Model("Sure! ```json\n" + calls(3) + "\n```", "I cannot do that.", "[]", calls(3), repeats=False)
    found = await results(tmp_path, package, "free", model, ScriptedPlanner(), ["simple"])
    assert all(request.schema is None for request in model.requests)
    verdicts = sorted(result.verdict for result in found)
    assert verdicts.count("honest") == 1
    assert any(result.reasons == ("no calls can be read in: I cannot do that.",) for result in found)


async def test_a_planner_is_offered_the_functions_and_may_decline(tmp_path: Path, package: Path) -> None:
    plan = [step("s1", "garden.area", length=2), step("s2", "answer", text="{{s1}}")]
    planner = ScriptedPlanner(plan, *[PlannerAbstained("No tool.")] * 4)
    found = await results(tmp_path, package, "planner", Model(), planner, ["simple", "irrelevance"])
    assert planner.requests[0].tools[0].name == "garden.area"
    assert planner.requests[0].tools[0].examples == ()
    first = load_bfcl(package, "planner", ["simple", "irrelevance"]).cases[0].id
    assert len(found) == 5
    for result in found:
        if result.case == first:
            is_right = first == "simple_python_2"
            assert result.verdict == ("right" if is_right else "wrong")
            assert result.answer == '[["garden.area", {"length": 2}]]'
        elif result.group == "irrelevance":
            assert result.verdict == "right"
        else:
            assert (result.verdict, result.reasons) == ("honest", ("No tool.",))


def test_what_is_tried_is_the_same_sample_on_every_machine(package: Path) -> None:
    first = [case.id for case in load_bfcl(package, "free", ["simple"]).cases]
    assert (
        first == ["simple_python_0", "simple_python_1", "simple_python_2", "simple_python_3"] or sorted(first) != first
    )
    assert first == [case.id for case in load_bfcl(package, "planner", ["simple"]).cases]
    held = {case.id for case in load_bfcl(package, "free", ["simple"], "held").cases}
    assert held == {"simple_python_1", "simple_python_3"}
    digests = {
        load_bfcl(package, manner, ["simple"], split).digest
        for manner in ("free", "planner")
        for split in (None, "held")
    }
    assert len(digests) == 4


def test_a_package_that_cannot_be_had_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(InstallError, match=f"'{REQUIREMENT}': "):
        fetch(tmp_path / "home", lambda line: None)
    assert list((tmp_path / "home" / "cache").iterdir()) == []


def test_a_package_without_its_data_is_named(tmp_path: Path, package: Path) -> None:
    (package / "bfcl_eval" / "data" / "BFCL_v4_irrelevance.json").unlink()
    with pytest.raises(SuiteUnreadable) as refused:
        load_bfcl(package, "free", ["irrelevance"])
    assert f"it is not bfcl-eval {VERSION}" in str(refused.value)


def test_types_are_told_as_json_schema_has_them() -> None:
    schema = as_tool(AREA).parameters
    assert schema == {
        "type": "object",
        "properties": {"length": {"type": "number"}, "tags": {"type": "array", "items": {}}},
        "required": ["length"],
    }
    assert strict(schema)["additionalProperties"] is False


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[{"name": "f", "arguments": {}}]', [("f", {})]),
        ('f: {"name": "f", "arguments": {"城市": "京都"}} is it', [("f", {"城市": "京都"})]),
        ("[1, 2] and then []", []),
    ],
)
def test_calls_are_found_in_what_a_model_says(text: str, found: list[Any]) -> None:
    assert read_calls(text) == found


@pytest.mark.parametrize("text", ["", "no", "[1, 2]", '{"name": "f"}', '[{"name": 1, "arguments": {}}]', "[" * 50])
def test_what_holds_no_calls_is_said(text: str) -> None:
    with pytest.raises(Unreadable):
        read_calls(text)


def test_the_real_package_is_understood(skip_without: Any) -> None:
    folder = os.environ.get("TRIVET_TEST_BFCL", "")
    if not folder:
        skip_without("bfcl", "TRIVET_TEST_BFCL names no folder with bfcl_eval, which `trivet eval bfcl` fetches")
    suite = load_bfcl(Path(folder), "planner")
    counts = {name: sum(case.group == name for case in suite.cases) for name in CATEGORIES}
    assert counts == {"simple": 400, "multiple": 200, "parallel": 200, "parallel_multiple": 200, "irrelevance": 240}
    case = next(case for case in suite.cases if case.id == "simple_python_0")
    call = ("calculate_triangle_area", {"base": 10, "height": 5})
    assert anyio.run(case._judged, [call]) == ("right", ())  # type: ignore[attr-defined]
    verdict, reasons = anyio.run(case._judged, [("calculate_triangle_area", {"base": 10, "height": 6})])  # type: ignore[attr-defined]
    assert (verdict, "height" in reasons[0]) == ("wrong", True)
