"""Constrained text satisfies its schema or grammar from the first token on."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from trivet_sdk import Completion, Delta, GenerateRequest, Model, UnsupportedRequest, collect
from trivet_sdk.message import user
from trivet_transformers.backend import TransformersBackend
from trivet_transformers.constraint import Constraints
from trivet_transformers.decoding import Writing, write
from trivet_transformers.network import Network
from trivet_transformers.prefixes import Prefixes
from trivet_transformers.sampling import Sampler

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 8},
        "kind": {"enum": ["alpha", "beta", "gamma"]},
        "count": {"type": "integer", "minimum": 0, "maximum": 999},
    },
    "required": ["name", "kind", "count"],
    "additionalProperties": False,
}
CALLS = """start: (call "\\n"){1,3}
call: "table.aggregate " pair | "files.find " pair
pair: "{\\"path\\":\\"" PATH "\\"}"
PATH: "trips.jsonl" | "notes.txt" | "out/mass.csv"
"""


async def ask(backend: TransformersBackend, tiny: Path, **request: Any) -> Completion:
    model: Model = await backend.open("tiny", {"path": str(tiny), "device": "cpu", "dtype": "float32"})
    request = {"messages": (user("Describe the fox."),), "max_tokens": 120, "extra": {}, **request}
    return await collect(model.generate(GenerateRequest(**request)))


@pytest.mark.parametrize("seed", range(6))
async def test_text_of_a_random_model_satisfies_the_schema(backend: TransformersBackend, tiny: Path, seed: int) -> None:
    completion = await ask(backend, tiny, schema=PERSON, temperature=1.5, seed=seed)
    assert completion.finish == "stop"
    jsonschema.validate(json.loads(completion.text), PERSON)
    assert " " not in completion.text.replace(json.loads(completion.text)["name"], "")


@pytest.mark.parametrize("seed", range(6))
async def test_text_of_a_random_model_follows_the_grammar(backend: TransformersBackend, tiny: Path, seed: int) -> None:
    completion = await ask(backend, tiny, grammar=CALLS, temperature=1.5, seed=seed)
    lines = completion.text.splitlines()
    assert 1 <= len(lines) <= 3
    for line in lines:
        tool, _, arguments = line.partition(" ")
        assert tool in ("table.aggregate", "files.find")
        assert json.loads(arguments)["path"] in ("trips.jsonl", "notes.txt", "out/mass.csv")


async def test_forced_tokens_are_marked_and_need_no_choice(backend: TransformersBackend, tiny: Path) -> None:
    completion = await ask(backend, tiny, grammar='start: "table.aggregate"', logprobs=True)
    assert completion.text == "table.aggregate"
    assert "".join(entry.text for entry in completion.logprobs) == "table.aggregate"
    assert sum(entry.is_forced for entry in completion.logprobs) >= len(completion.logprobs) - 1
    assert all(entry.logprob < 0 for entry in completion.logprobs)


async def test_logprobs_change_nothing_else(backend: TransformersBackend, tiny: Path) -> None:
    plain = await ask(backend, tiny, grammar=CALLS)
    told = await ask(backend, tiny, grammar=CALLS, logprobs=True)
    assert told.text == plain.text
    assert len(told.logprobs) == told.completion_tokens == plain.completion_tokens


@pytest.mark.parametrize("limit", [1, 3, 9, 14])
@pytest.mark.parametrize("logprobs", [False, True])
async def test_limit_holds_for_forced_tokens_too(
    backend: TransformersBackend, tiny: Path, limit: int, logprobs: bool
) -> None:
    whole = await ask(backend, tiny, grammar=CALLS)
    cut = await ask(backend, tiny, grammar=CALLS, max_tokens=limit, logprobs=logprobs)
    assert (cut.finish, cut.completion_tokens) == ("length", limit)
    assert whole.text.startswith(cut.text)


async def test_characters_of_several_tokens_arrive_whole(backend: TransformersBackend, tiny: Path) -> None:
    model = await backend.open("tiny", {"path": str(tiny), "device": "cpu", "dtype": "float32"})
    request = GenerateRequest(
        messages=(user("哪种企鹅最重？"),), grammar='start: "企鹅.csv" (" 🐧" | " Île")', max_tokens=60
    )
    deltas = [delta.text async for delta in model.generate(request)]
    assert "".join(deltas) in ("企鹅.csv 🐧", "企鹅.csv Île")
    assert not any("\ufffd" in text for text in deltas)


@pytest.mark.parametrize("grammar", [CALLS, 'start: "a" /[a-z ]{0,20}/ " end of the river bank" /[a-z]{3}/'])
def test_forced_tokens_read_together_give_what_reading_one_by_one_gives(tiny: Path, grammar: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    model: Any = AutoModelForCausalLM.from_pretrained(tiny)
    network = Network(model.eval(), torch.device("cpu"))
    constraints = Constraints("tiny", tokenizer.backend_tokenizer.to_str(), network.vocabulary, [2])

    def deltas(widest: int | None) -> list[Delta]:
        task = Writing(
            prompt=tuple(tokenizer("The brown fox", add_special_tokens=False).input_ids),
            limit=80,
            ends=frozenset({2}),
            sampler=Sampler(0.0, 1.0, None),
            constraint=constraints.grammar(grammar),
            logprobs=True,
            widest=widest,
        )
        return list(write(network, tokenizer.backend_tokenizer, Prefixes(0), task))

    together, one_by_one = deltas(None), deltas(1)
    assert [delta.text for delta in together] == [delta.text for delta in one_by_one]
    assert [entry.logprob for delta in together for entry in delta.logprobs] == pytest.approx(
        [entry.logprob for delta in one_by_one for entry in delta.logprobs], abs=1e-4
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"schema": {"type": "array", "uniqueItems": True}},
            'cannot follow this JSON Schema: Unimplemented keys: ["uniqueItems"]',
        ),
        ({"schema": {"type": "nope"}}, "cannot follow this JSON Schema: Invalid type: nope"),
        ({"grammar": "start: foo"}, 'cannot follow this grammar: at 1(8): unknown name: "foo"'),
    ],
)
async def test_what_cannot_be_enforced_is_refused(
    backend: TransformersBackend, tiny: Path, fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UnsupportedRequest) as caught:
        await ask(backend, tiny, **fields)
    assert str(caught.value) == f"model 'tiny' {sentence}"
