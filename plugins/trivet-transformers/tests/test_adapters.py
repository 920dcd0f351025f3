"""LoRA adapters: merged for the requests that ask for them, nowhere else."""

import gc
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from trivet_sdk import Completion, GenerateRequest, ModelError, WeightsMissing, collect
from trivet_sdk.message import system, user
from trivet_transformers.backend import TransformersBackend
from trivet_transformers.prefixes import CHUNK

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")  # peft's own call
PROMPT = (system("The brown fox jumps over the lazy dog near the river bank. " * 12), user("Which one jumps?"))


def make_adapter(tiny: Path, folder: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    model = get_peft_model(
        AutoModelForCausalLM.from_pretrained(tiny),
        LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"], init_lora_weights=False),
    )
    model.save_pretrained(str(folder))
    return folder


async def ask(backend: TransformersBackend, tiny: Path, name: str = "tiny", **fields: Any) -> Completion:
    definition = {"path": str(tiny), "device": "cpu", "dtype": "float32"} | fields.pop("definition", {})
    model = await backend.open(name, definition)
    request: dict[str, Any] = {"messages": PROMPT, "max_tokens": 16, "logprobs": True, **fields}
    return await collect(model.generate(GenerateRequest(**request)))


async def test_adapter_gives_the_logprobs_that_peft_gives(
    backend: TransformersBackend, tiny: Path, tmp_path: Path
) -> None:
    adapter = make_adapter(tiny, tmp_path / "one", 1)
    completion = await ask(backend, tiny, adapter=str(adapter), messages=(user("The brown fox"),), extra={"raw": True})
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    network = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny), str(adapter)).eval()
    tokens = tokenizer("The brown fox", add_special_tokens=False).input_ids
    for entry in completion.logprobs:
        with torch.inference_mode():
            chances = network(torch.tensor([tokens])).logits[0, -1].log_softmax(-1)
        assert entry.logprob == pytest.approx(float(chances.max()), abs=1e-4)
        tokens = [*tokens, int(chances.argmax())]


async def test_model_without_adapter_stays_as_it_was(backend: TransformersBackend, tiny: Path, tmp_path: Path) -> None:
    one, two = (make_adapter(tiny, tmp_path / str(seed), seed) for seed in (1, 2))
    model = await backend.open("tiny", {"path": str(tiny), "device": "cpu", "dtype": "float32"})

    async def lines(adapter: str | None) -> tuple[Any, ...]:
        request = GenerateRequest(messages=PROMPT, max_tokens=16, logprobs=True, adapter=adapter)
        completion = await collect(model.generate(request))
        return completion.text, completion.logprobs

    plain, first, second = await lines(None), await lines(str(one)), await lines(str(two))
    assert len({plain[0], first[0], second[0]}) == 3
    assert [await lines(None), await lines(str(one)), await lines(str(two))] == [plain, first, second]


async def test_adapter_that_comes_first_leaves_the_model_there_for_whoever_asks_for_it(
    backend: TransformersBackend, tiny: Path, tmp_path: Path
) -> None:
    one, two = (str(make_adapter(tiny, tmp_path / str(seed), seed)) for seed in (1, 2))
    order = (one, None, two, one)
    said = [await ask(backend, tiny, adapter=adapter) for adapter in order]
    declared: dict[str, Path] = {}
    alone = TransformersBackend(declared.__getitem__, tmp_path / "cache")
    await ask(alone, tiny)  # the model itself comes first here
    for adapter, completion in zip(order, said, strict=True):
        same = await ask(alone, tiny, adapter=adapter)
        assert same.text == completion.text
        assert [each.logprob for each in same.logprobs] == pytest.approx(
            [each.logprob for each in completion.logprobs], abs=1e-5
        )


async def test_adapter_alone_costs_no_second_set_of_matrices(
    backend: TransformersBackend, tiny: Path, tmp_path: Path
) -> None:
    def held() -> int:
        gc.collect()
        found = [each for each in gc.get_objects() if type(each) is torch.nn.Parameter]
        return sum({each.untyped_storage().data_ptr(): each.untyped_storage().nbytes() for each in found}.values())

    adapter = str(make_adapter(tiny, tmp_path / "one", 1))
    before = held()
    size = sum(each.nbytes for each in AutoModelForCausalLM.from_pretrained(tiny).parameters())
    model = await backend.open("tiny", {"path": str(tiny), "device": "cpu", "dtype": "float32"})
    await collect(model.generate(GenerateRequest(messages=PROMPT, max_tokens=1, adapter=adapter)))
    assert held() - before <= size
    await collect(model.generate(GenerateRequest(messages=PROMPT, max_tokens=1)))
    assert held() - before > size


async def test_kept_prefixes_are_told_apart_by_adapter(
    backend: TransformersBackend, tiny: Path, tmp_path: Path
) -> None:
    adapter = make_adapter(tiny, tmp_path / "one", 1)
    model = await backend.open("tiny", {"path": str(tiny), "device": "cpu", "dtype": "float32"})

    async def cached(adapter: str | None) -> int:
        return (
            await collect(model.generate(GenerateRequest(messages=PROMPT, max_tokens=1, adapter=adapter)))
        ).cached_tokens

    assert [await cached(None), await cached(str(adapter))] == [0, 0]
    assert await cached(None) >= CHUNK
    assert await cached(str(adapter)) >= CHUNK


async def test_definition_may_name_an_adapter_among_declared_weights(tiny: Path, tmp_path: Path) -> None:
    adapter = make_adapter(tiny, tmp_path / "one", 1)
    backend = TransformersBackend({"planner": adapter}.__getitem__, tmp_path / "cache")
    by_name = await ask(backend, tiny, "planner", definition={"adapter": "planner"})
    by_path = await ask(backend, tiny, adapter=str(adapter))
    assert by_name.text == by_path.text
    assert (await ask(backend, tiny, "planner", definition={"adapter": "planner"}, adapter="")).text == (
        await ask(backend, tiny)
    ).text


async def test_name_of_an_adapter_never_means_a_folder_that_happens_to_be_here(
    backend: TransformersBackend, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_adapter(tiny, tmp_path / "planner", 1)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WeightsMissing):
        await ask(backend, tiny, adapter="planner")


async def test_adapter_that_is_none_is_refused(backend: TransformersBackend, tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        await ask(backend, tiny, adapter=str(tmp_path))
    assert (
        str(caught.value)
        == f"model 'tiny' cannot take the adapter '{tmp_path}': {tmp_path} holds no adapter_config.json."
    )
    with pytest.raises(ModelError) as caught:
        await ask(backend, tiny, adapter=str(tmp_path / "nowhere"))
    assert (
        str(caught.value) == f"model 'tiny' cannot take the adapter '{tmp_path / 'nowhere'}': there is no such folder."
    )
    with pytest.raises(WeightsMissing):
        await ask(backend, tiny, adapter="never-declared")
