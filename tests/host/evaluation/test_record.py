"""Evaluations on disk: each result at once, whole after a torn line, found by label and by the beginning of an id."""

from pathlib import Path

import msgspec
import pytest

from trivet.errors import EvaluationUnreadable, UnknownEvaluation
from trivet.evaluation import Case, Conditions, Result, Suite, begin, evaluations, find, reopen
from trivet.evaluation.record import FOLDER, Keeper
from trivet.settings import load_settings

SUITE = Suite(name="goals", source="s", digest="d", cases=tuple(Case(id=id, group="g") for id in ("a", "b", "甲")))


def begun(home: Path, label: str = "") -> Keeper:
    return begin(load_settings(home, environ={}), SUITE, Conditions(label=label))


def result(case: str) -> Result:
    return Result(case=case, group="g", verdict="right", seconds=1.0, answer="好")


def test_results_are_there_as_soon_as_they_are_kept(tmp_path: Path) -> None:
    keeper = begun(tmp_path)
    keeper.keep(result("甲"))
    found = find(tmp_path, keeper.evaluation.record.id)
    assert (found.results, found.left, found.completion) == ((result("甲"),), ("a", "b"), None)


def test_torn_line_is_no_result_and_is_cut_off(tmp_path: Path) -> None:
    keeper = begun(tmp_path)
    keeper.keep(result("a"))
    path = tmp_path / FOLDER / f"{keeper.evaluation.record.id}.jsonl"
    with path.open("ab") as file:
        file.write(b'{"case":"b","gro')
    again = reopen(load_settings(tmp_path, environ={}), find(tmp_path, keeper.evaluation.record.id))
    assert again.evaluation.left == ("b", "甲")
    again.keep(result("b"))
    again.keep(result("甲"))
    again.complete()
    found = find(tmp_path, keeper.evaluation.record.id)
    assert ([each.case for each in found.results], found.left) == (["a", "b", "甲"], ())
    assert found.completion is not None


def test_record_holds_no_address_and_no_key(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(
        load_settings(tmp_path, environ={}),
        models={"local": {"backend": "openai", "name": "q", "api_key": "sk-secret", "base_url": "http://10.0.0.7/v1"}},
    )
    keeper = begin(settings, SUITE, Conditions())
    assert keeper.evaluation.record.model == {"backend": "openai", "name": "q"}


def test_record_tells_what_this_call_alone_was_set_to(tmp_path: Path) -> None:
    environ = {"TRIVET_PLUGINS__X__CONFIG": "{limit = -2}", "TRIVET_MODELS__LOCAL__API_KEY": "sk-secret"}
    keeper = begin(load_settings(tmp_path, environ=environ), SUITE, Conditions())
    assert keeper.evaluation.record.given == {"plugins.x.config.limit": -2}


def test_evaluations_are_found_by_label_newest_first(tmp_path: Path) -> None:
    first, second = begun(tmp_path, "small"), begun(tmp_path, "small")
    ids = [second.evaluation.record.id, first.evaluation.record.id]
    assert [each.record.id for each in evaluations(tmp_path)] == ids
    assert find(tmp_path, "small").record.id == ids[0]


def test_unknown_and_ambiguous_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownEvaluation) as caught:
        find(tmp_path, "x")
    assert str(caught.value) == "there is no evaluation 'x'. `trivet eval list` shows all."
    ids = sorted((begun(tmp_path).evaluation.record.id for _ in range(2)), reverse=True)
    with pytest.raises(UnknownEvaluation) as caught:
        find(tmp_path, "2")
    assert str(caught.value) == f"the evaluation '2' could be any of {ids[0]}, {ids[1]}. Give more of its id."


def test_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / FOLDER / "20260101-000000-aaaa.jsonl"
    path.parent.mkdir()
    path.write_text("no json\n", "utf-8")
    assert evaluations(tmp_path) == []
    with pytest.raises(EvaluationUnreadable) as caught:
        find(tmp_path, "2026")
    assert str(caught.value).startswith(f"{path} cannot be read: ")
    assert str(caught.value).endswith(". Delete it and evaluate again.")
