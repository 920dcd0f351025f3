"""How a long prompt begins is read once, also by processes that come later."""

from pathlib import Path

import pytest

from trivet_llamacpp.backend import LlamaBackend
from trivet_llamacpp.beginnings import KEPT, LENGTH, Beginnings
from trivet_sdk import Completion, GenerateRequest, WeightsMissing, collect
from trivet_sdk.message import system, user

pytestmark = pytest.mark.anyio
RULES = "".join(f"Rule {number}: answer question {number} with the word for {number}. " for number in range(40))


def nothing(name: str) -> Path:
    raise WeightsMissing(name)


async def answered(smollm: Path, cache: Path, question: str, rules: str = RULES) -> Completion:
    """By a model of its own, as a new process has it."""
    async with LlamaBackend(nothing, cache) as backend:
        model = await backend.open("small", {"path": str(smollm), "window": 2048})
        request = GenerateRequest(messages=(system(rules), user(question)), max_tokens=12)
        return await collect(model.generate(request))


def kept(cache: Path) -> list[Path]:
    return [path for path in (cache / "beginnings").iterdir() if not path.suffix]


async def test_later_process_reads_only_what_is_new_and_answers_the_same(smollm: Path, tmp_path: Path) -> None:
    first = await answered(smollm, tmp_path, "What is the capital of France?")
    again = await answered(smollm, tmp_path, "What is the capital of France?")
    other = await answered(smollm, tmp_path, "Name a colour.")
    assert first.cached_tokens == 0
    assert again.cached_tokens > LENGTH
    assert other.cached_tokens > LENGTH
    assert again.text == first.text
    assert len(kept(tmp_path)) == 1


async def test_other_instructions_and_short_ones_are_no_such_beginning(smollm: Path, tmp_path: Path) -> None:
    await answered(smollm, tmp_path, "Name a colour.")
    assert (await answered(smollm, tmp_path, "Name a colour.", f"Be brief. {RULES}")).cached_tokens == 0
    await answered(smollm, tmp_path, "Name a colour.", "Be brief.")
    assert len(kept(tmp_path)) == 2


async def test_file_that_was_cut_short_is_read_anew(smollm: Path, tmp_path: Path) -> None:
    first = await answered(smollm, tmp_path, "Name a colour.")
    (file,) = kept(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    again = await answered(smollm, tmp_path, "Name a colour.")
    assert (again.text, again.cached_tokens) == (first.text, 0)
    assert file.stat().st_size == len(whole)


async def test_folder_that_cannot_be_written_costs_nothing_but_time(smollm: Path, tmp_path: Path) -> None:
    (tmp_path / "beginnings").write_text("a file")
    assert (await answered(smollm, tmp_path, "Name a colour.")).text


def test_newest_few_are_kept_and_kinds_are_told_apart(tmp_path: Path) -> None:
    beginnings = Beginnings(tmp_path, "a.gguf", 2048)
    prompts = [[number, *range(LENGTH)] for number in range(KEPT + 2)]
    for prompt in prompts:
        beginnings.make_room()
        name = beginnings.name_of(prompt)
        (tmp_path / f"{name}.part").write_text("x")
        beginnings.finished(name)
        assert beginnings.has(name)
    assert len([path for path in tmp_path.iterdir() if not path.suffix]) == KEPT
    assert beginnings.name_of([1] * LENGTH) == ""
    assert Beginnings(tmp_path, "b.gguf", 2048).name_of(prompts[0]) != beginnings.name_of(prompts[0])
