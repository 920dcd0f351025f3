"""Fine-tune SmolLM2-135M to plan: a low-rank adapter on all linear layers, loss on the plan's tokens only.

    python -m training.train --groups groups.jsonl --base FOLDER --out RUN [--steps 600] [--resume]

`--base` is the model as a Hugging Face folder (`trivet models pull smollm2-135m` leaves one in the plugin's cache after
its first use). Seeded; a checkpoint every `--save-every` steps lets `--resume` go on exactly where it stopped. Uses a
GPU if there is one. The adapter goes to `RUN/adapter`, in float16.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from .sequences import IGNORED, Group, TokenSequence, lay_out, read_groups

LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def loss_of(model: Any, sequence: TokenSequence, device: torch.device) -> torch.Tensor:
    """Sum of the negative log-likelihoods of the plan's tokens, in nats; logits only where they count."""
    body, head = model.get_base_model().model, model.get_base_model().lm_head
    hidden = body(
        input_ids=sequence.tokens[None].to(device),
        position_ids=sequence.positions[None].to(device),
        attention_mask=sequence.mask(torch.bfloat16).to(device),
        use_cache=False,
    ).last_hidden_state[0]
    target = sequence.labels[1:].to(device)
    counts = target != IGNORED
    logits = head(hidden[:-1][counts])
    return torch.nn.functional.cross_entropy(logits.float(), target[counts], reduction="sum")


def rate(step: int, steps: int, peak: float, warm_up: int = 20) -> float:
    """Warm up, hold, then go down linearly over the last 60 percent."""
    if step < warm_up:
        return peak * (step + 1) / warm_up
    return peak * min(1.0, (steps - step) / (0.6 * steps))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--groups-per-step", type=int, default=4)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=50)
    parser.add_argument("--start", type=Path, help="adapter to go on from, with a fresh schedule")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = Tokenizer.from_file(str(Path(options.base) / "tokenizer.json"))
    base = AutoModelForCausalLM.from_pretrained(options.base, dtype=torch.bfloat16, attn_implementation="sdpa").to(device)
    config = LoraConfig(r=options.rank, lora_alpha=2 * options.rank, target_modules=LINEAR, lora_dropout=0.0)
    model = get_peft_model(base, config)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("lora_" in name)
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    weights = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    first = 0
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint.pt"
    if options.resume and checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        restore(model, saved["weights"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]
    elif options.start:
        from peft import load_peft_weights, set_peft_model_state_dict

        set_peft_model_state_dict(model, {k: v.float() for k, v in load_peft_weights(str(options.start)).items()})
    groups = list(read_groups(options.groups))
    order = list(range(len(groups)))
    random.Random(options.seed).shuffle(order)
    model.train()
    started, seen, average = time.monotonic(), 0, None
    for step in range(first, options.steps):
        for parameters in optimizer.param_groups:
            parameters["lr"] = rate(step, options.steps, options.rate)
        places = [order[(step * options.groups_per_step + k) % len(order)] for k in range(options.groups_per_step)]
        sequences = [lay_out(shuffled(groups[place], options.seed + step), tokenizer) for place in places]
        tokens = sum(int((sequence.labels != IGNORED).sum()) for sequence in sequences)
        total = 0.0
        for sequence in sequences:
            with torch.autocast(device.type, dtype=torch.bfloat16):
                loss = loss_of(model, sequence, device) / max(1, tokens)
            loss.backward()
            total += float(loss)
            seen += len(sequence.tokens)
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        average = total if average is None else 0.95 * average + 0.05 * total
        if step % 10 == 0 or step + 1 == options.steps:
            seconds = time.monotonic() - started
            left = seconds / (step - first + 1) * (options.steps - step - 1)
            print(f"step {step} loss {total:.4f} mean {average:.4f} {seen / seconds:.0f} tokens/s, {left / 60:.0f} min left", flush=True)
        if (step + 1) % options.save_every == 0 or step + 1 == options.steps:
            save(model, optimizer, step + 1, checkpoint, options.out / "adapter")
    (options.out / "training.json").write_text(json.dumps({**vars(options), "out": "", "groups": len(groups), "start": "", "loss": average}, default=str))


def shuffled(group: Group, seed: int) -> Group:
    """The same group with its tools and files in another order, so that order means nothing."""
    chance = random.Random(seed)
    tools, files = list(group.tools), list(group.files)
    chance.shuffle(tools)
    chance.shuffle(files)
    return Group(tools=tuple(tools), files=tuple(files), goals=group.goals)


def restore(model: Any, weights: dict[str, torch.Tensor]) -> None:
    missing = model.load_state_dict(weights, strict=False).unexpected_keys
    if missing:
        sys.exit(f"the checkpoint does not fit this model: {missing[:3]}")


def save(model: Any, optimizer: Any, step: int, checkpoint: Path, adapter: Path) -> None:
    kept = {name: value for name, value in model.state_dict().items() if "lora_" in name}
    partial = checkpoint.with_suffix(".partial")
    torch.save({"weights": kept, "optimizer": optimizer.state_dict(), "step": step}, partial)
    partial.replace(checkpoint)
    half = {name: value.half() for name, value in kept.items()}
    model.save_pretrained(str(adapter), state_dict=half)


if __name__ == "__main__":
    main()
