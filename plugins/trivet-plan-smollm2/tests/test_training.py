"""Training: the loss counts the plan alone, easy groups come first, and a fully tuned model leaves as a low-rank adapter."""

import json
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
import torch
from peft import LoraConfig, PeftModel
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

sys.path.insert(0, str(Path(__file__).parents[1]))  # training/ is run from the repository and not installed


from training import train
from training.curriculum import ordered, shuffled
from training.loss import loss_of
from training.lowrank import export, factors, lost
from training.sequences import IGNORED, Group, goal_text, lay_out, prefix_text
from training.tool_groups import group
from training.tuning import Tuning

from trivet_plan_smollm2.prompt import write_plan

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")  # PEFT asks


def tokenizer() -> Tokenizer:
    """One token a byte: enough to lay out any text."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={sign: number for number, sign in enumerate(alphabet)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return made


def tiny(seed: int = 0) -> LlamaForCausalLM:
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=256,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=1,
        tie_word_embeddings=True,
        initializer_range=0.3,
    )
    return LlamaForCausalLM(config)


def example(level: int = 2) -> Group:
    made = group(Random(3), level=level)
    return msgspec.convert({**made, "goals": made["goals"][:3]}, Group)


def text_of(tokens: torch.Tensor, known: Tokenizer) -> str:
    letters = {char: byte for byte, char in zip(range(256), _bytes(), strict=True)}
    return bytes(letters[str(known.id_to_token(int(token)))] for token in tokens).decode()


def _bytes() -> list[str]:
    """The sign that a byte-level tokenizer writes for each byte (GPT-2's table)."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    rest = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(rest)) for byte in range(256)]


def test_labels_cover_the_plan_and_nothing_else() -> None:
    known, made = tokenizer(), example()
    batch = lay_out(made, known, longest=100_000)
    assert text_of(batch.context, known) == prefix_text(made.tools, made.files)
    found = set()
    for rows in batch.rows:
        for tokens, labels in zip(rows.tokens, rows.labels, strict=True):
            counted = labels != IGNORED
            plan = text_of(tokens[counted], known)
            asked = text_of(tokens[: int(counted.nonzero()[0])], known)
            assert torch.equal(tokens[counted], labels[counted])
            found.add((asked, plan))
    assert found == {(goal_text(task.goal), write_plan(task.plan, made.tools) + "<|im_end|>") for task in made.goals}


def test_goals_that_share_a_context_lose_what_they_lose_alone() -> None:
    known, made, model = tokenizer(), example(), tiny()
    together = loss_of(model, lay_out(made, known, longest=100_000))
    alone = 0.0
    for task in made.goals:
        before = known.encode(prefix_text(made.tools, made.files) + goal_text(task.goal)).ids
        plan = known.encode(write_plan(task.plan, made.tools) + "<|im_end|>").ids
        logits = model(input_ids=torch.tensor([before + plan])).logits[0, len(before) - 1 : -1]
        alone += float(torch.nn.functional.cross_entropy(logits, torch.tensor(plan), reduction="sum").detach())
    assert float(together.detach()) == pytest.approx(alone, rel=1e-4)


def test_curriculum_goes_from_easy_to_all() -> None:
    levels = [1 + number % 4 for number in range(400)]
    order = ordered(levels, 400, seed=3)
    stages = [Counter(levels[place] for place in order[start : start + 100]) for start in range(0, 400, 100)]
    assert set(stages[0]) == {1}
    assert set(stages[1]) == {1, 2}
    assert stages[2][3] > stages[2][1]
    assert all(stages[3][level] > 10 for level in (1, 2, 3, 4))
    means = [sum(level * count for level, count in stage.items()) / 100 for stage in stages[:3]]
    assert means == sorted(means)
    assert ordered(levels, 400, seed=3) == order != ordered(levels, 400, seed=4)


def test_groups_of_all_sorts_are_spread_over_the_whole_run() -> None:
    levels = [0] * 100 + [1 + number % 4 for number in range(300)]
    order = ordered(levels, 400, seed=1)
    assert all(
        10 < sum(levels[place] == 0 for place in order[start : start + 100]) < 40 for start in range(0, 400, 100)
    )
    assert len({place for place in order if levels[place] == 0}) == min(100, sum(levels[place] == 0 for place in order))


def test_group_comes_again_only_when_all_were_used() -> None:
    assert sorted(shuffled(7, 14, seed=1)) == sorted([*range(7), *range(7)])
    assert sorted(ordered([2] * 7, 7, seed=1)) == list(range(7))


def test_nothing_to_train_on_is_said() -> None:
    with pytest.raises(ValueError) as refused:
        ordered([], 10, 1)
    assert str(refused.value) == "There are no groups to train on."


def test_difference_of_the_rank_is_kept_whole_and_more_is_cut_to_the_largest_parts() -> None:
    torch.manual_seed(1)
    difference = torch.randn(20, 4) @ torch.randn(4, 30)
    down, up = factors(difference, 4)
    torch.testing.assert_close(up @ down, difference, rtol=1e-4, atol=1e-4)
    assert lost(difference, 4) == pytest.approx(0, abs=1e-6)
    down, up = factors(difference, 2)
    left_over = float(((difference - up @ down) ** 2).sum() / (difference**2).sum())
    assert left_over == pytest.approx(lost(difference, 2), rel=1e-3)
    assert factors(difference, 32)[0].shape == (32, 30)


def test_exported_adapter_gives_the_tuned_models_weights_back(tmp_path: Path) -> None:
    base, tuned = tiny(), tiny()
    config = LoraConfig(r=3, target_modules=["q_proj", "down_proj"], layers_to_transform=[1, 2])
    changed = {}
    with torch.no_grad():
        for name, weight in tuned.named_parameters():
            if ("q_proj" in name or "down_proj" in name) and "layers.0." not in name:
                weight.add_(0.1 * torch.randn(weight.shape[0], 3) @ torch.randn(3, weight.shape[1]))
                changed[name] = weight.detach()
    original = {name: weight.detach().clone() for name, weight in base.named_parameters()}
    assert export(original, changed, config, tmp_path, dtype=torch.float32) == pytest.approx(0, abs=1e-6)
    merged = PeftModel.from_pretrained(base, str(tmp_path)).merge_and_unload()
    for name, weight in tuned.named_parameters():
        torch.testing.assert_close(merged.get_parameter(name), weight, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("full", [False, True], ids=["low-rank", "full"])
def test_training_lowers_the_loss_and_the_saved_adapter_holds_it(tmp_path: Path, full: bool) -> None:
    made, known = example(1), tokenizer()
    batch = lay_out(made, known, longest=100_000)
    model = tiny()
    tuning = Tuning(model, 8, full=full, frozen=1)
    optimizer = torch.optim.AdamW(tuning.weights, lr=0.02)
    before = float(loss_of(model, batch).detach())
    for _ in range(15):
        loss_of(model, batch).div(batch.counted).backward()  # type: ignore[no-untyped-call]
        tuning.gather()
        optimizer.step()
        tuning.spread()
        optimizer.zero_grad(set_to_none=True)
    after = float(loss_of(model, batch).detach())
    assert after < 0.95 * before
    lost_share = tuning.save(tmp_path)
    again = PeftModel.from_pretrained(tiny(), str(tmp_path)).merge_and_unload()
    assert float(loss_of(again, batch).detach()) < before - (1 - lost_share) * 0.6 * (before - after)
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert config["layers_to_transform"] == [1, 2]


def test_full_tuning_goes_on_from_an_adapter_and_exports_against_the_base(tmp_path: Path) -> None:
    first = Tuning(tiny(), 4, frozen=1)
    with torch.no_grad():
        for weight in first.weights:
            weight += 0.05 * torch.randn(weight.shape)
    first.save(tmp_path / "one")
    whole = Tuning(tiny(), 4, full=True, frozen=1)
    whole.start_from(tmp_path / "one")
    assert whole.save(tmp_path / "two") == pytest.approx(0, abs=1e-3)
    one = PeftModel.from_pretrained(tiny(), str(tmp_path / "one")).merge_and_unload()
    two = PeftModel.from_pretrained(tiny(), str(tmp_path / "two")).merge_and_unload()
    for name, weight in one.named_parameters():
        torch.testing.assert_close(two.get_parameter(name), weight, rtol=1e-2, atol=2e-3)


def run(folder: Path, out: str, *more: str) -> list[torch.Tensor]:
    options = [
        "train",
        "--groups",
        str(folder / "groups.jsonl"),
        "--base",
        str(folder / "base"),
        "--out",
        str(folder / out),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [*options, "--steps", "4", "--groups-per-step", "1", "--rank", "2", *more])
        train.main()
    saved: list[torch.Tensor] = torch.load(folder / out / "checkpoint.pt", weights_only=True)["weights"]
    return saved


def test_run_is_repeatable_and_goes_on_where_it_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny().save_pretrained(tmp_path / "base")
    tokenizer().save(str(tmp_path / "base" / "tokenizer.json"))
    groups = [group(Random(number)) for number in range(6)]
    (tmp_path / "groups.jsonl").write_text("".join(json.dumps(made) + "\n" for made in groups))
    common = ("--frozen", "1", "--curriculum", "--save-every", "2", "--dtype", "float32")
    whole = run(tmp_path, "whole", *common, "--milestones", "10")
    kept: Any = torch.load(tmp_path / "whole" / "checkpoint.pt", weights_only=True)
    assert kept["step"] == 4
    assert [path.name.partition("-")[0] for path in (tmp_path / "whole").glob("adapter-*")] == ["adapter"]
    record = json.loads((tmp_path / "whole" / "training.json").read_text())
    assert (record["steps"], record["full"], record["groups"]) == (4, False, 6)
    assert "tokens/s" in capsys.readouterr().out
    again = run(tmp_path, "again", *common)
    assert all(torch.equal(one, other) for one, other in zip(whole, again, strict=True))

    def stopped(
        tuning: Tuning, optimizer: torch.optim.Optimizer, step: int, checkpoint: Path, dtype: torch.dtype
    ) -> None:
        keep(tuning, optimizer, step, checkpoint, dtype)
        raise KeyboardInterrupt

    keep = train.keep
    monkeypatch.setattr(train, "keep", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, "stopped", *common)
    monkeypatch.undo()
    monkeypatch.setattr(train, "quickest", lambda _: torch.bfloat16)  # quicker by now, but not what the run began with
    resumed = run(tmp_path, "stopped", *common[:-2], "--resume")
    assert all(torch.equal(one, other) for one, other in zip(whole, resumed, strict=True))
