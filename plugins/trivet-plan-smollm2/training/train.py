"""Fine-tune SmolLM2-135M to plan: a low-rank adapter on all linear layers, loss on the plan's tokens only.

    python -m training.train --groups groups.jsonl --base FOLDER --out RUN [--steps 600] [--resume]

`--base` is the model as a Hugging Face folder (`trivet models pull smollm2-135m` leaves one in the plugin's cache after
its first use). Seeded; a checkpoint every `--save-every` steps lets `--resume` go on exactly where it stopped. Uses a
GPU if there is one. The adapter goes to `RUN/adapter`, in float16.
"""

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, DynamicCache

from .sequences import IGNORED, Batch, Group, lay_out, read_groups

LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def loss_of(model: Any, batch: Batch, device: torch.device) -> torch.Tensor:
    """Sum of the negative log-likelihoods of the plans' tokens, in nats; logits only where they count."""
    body, head = model.get_base_model().model, model.get_base_model().lm_head
    goals, longest = batch.tokens.shape
    length = len(batch.context)
    cache = DynamicCache()
    body(input_ids=batch.context[None].to(device), past_key_values=cache, use_cache=True)
    cache.batch_repeat_interleave(goals)
    hidden = body(
        input_ids=batch.tokens.to(device),
        position_ids=torch.arange(length, length + longest, device=device)[None].expand(goals, -1),
        attention_mask=batch.mask(torch.bfloat16).expand(goals, -1, -1, -1).to(device),
        past_key_values=cache,
        use_cache=True,
    ).last_hidden_state
    target = batch.labels[:, 1:].to(device)
    counts = target != IGNORED
    logits = head(hidden[:, :-1][counts])
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
    base = AutoModelForCausalLM.from_pretrained(options.base, dtype=torch.bfloat16, attn_implementation="eager").to(device)
    config = LoraConfig(r=options.rank, lora_alpha=2 * options.rank, target_modules=LINEAR, lora_dropout=0.0)
    model = get_peft_model(base, config)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("lora_" in name)
        parameter.data = parameter.data.bfloat16()
    working = [parameter for parameter in model.parameters() if parameter.requires_grad]
    weights = [parameter.detach().float().requires_grad_() for parameter in working]
    """The adapter in float32, which the optimizer moves; `working` is its bfloat16 shadow inside the model."""
    optimizer = torch.optim.AdamW(weights, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    first = 0
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint.pt"
    if options.resume and checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        for weight, value in zip(weights, saved["weights"], strict=True):
            weight.data.copy_(value)
        spread(weights, working)
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]
    elif options.start:
        from peft import load_peft_weights, set_peft_model_state_dict

        set_peft_model_state_dict(model, load_peft_weights(str(options.start)))
        for weight, shadow in zip(weights, working, strict=True):
            weight.data.copy_(shadow.data)
    groups = list(read_groups(options.groups))
    order = list(range(len(groups)))
    random.Random(options.seed).shuffle(order)
    model.train()
    started, seen, average = time.monotonic(), 0, None
    for step in range(first, options.steps):
        for parameters in optimizer.param_groups:
            parameters["lr"] = rate(step, options.steps, options.rate)
        places = [order[(step * options.groups_per_step + k) % len(order)] for k in range(options.groups_per_step)]
        batches = [lay_out(shuffled(groups[place], options.seed + step), tokenizer) for place in places]
        tokens = sum(int((batch.labels != IGNORED).sum()) for batch in batches)
        total = 0.0
        for batch in batches:
            loss = loss_of(model, batch, device) / max(1, tokens)
            loss.backward()
            gather(working, weights)
            total += float(loss.detach())
            seen += len(batch.context) + batch.tokens.numel()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        spread(weights, working)
        optimizer.zero_grad(set_to_none=True)
        average = total if average is None else 0.95 * average + 0.05 * total
        if step % 10 == 0 or step + 1 == options.steps:
            seconds = time.monotonic() - started
            left = seconds / (step - first + 1) * (options.steps - step - 1)
            print(f"step {step} loss {total:.4f} mean {average:.4f} {seen / seconds:.0f} tokens/s, {left / 60:.0f} min left", flush=True)
        if (step + 1) % options.save_every == 0 or step + 1 == options.steps:
            save(model, weights, optimizer, step + 1, checkpoint, options.out / "adapter")
    (options.out / "training.json").write_text(json.dumps({**vars(options), "out": "", "groups": len(groups), "start": "", "loss": average}, default=str))


def shuffled(group: Group, seed: int) -> Group:
    """The same group with its tools and files in another order, so that order means nothing."""
    chance = random.Random(seed)
    tools, files = list(group.tools), list(group.files)
    chance.shuffle(tools)
    chance.shuffle(files)
    return Group(tools=tuple(tools), files=tuple(files), goals=group.goals)


def gather(working: list[torch.Tensor], weights: list[torch.Tensor]) -> None:
    """Add the shadow's gradients to those of the weights, in float32."""
    for shadow, weight in zip(working, weights, strict=True):
        if shadow.grad is not None:
            weight.grad = shadow.grad.float() if weight.grad is None else weight.grad.add_(shadow.grad)
            shadow.grad = None


@torch.no_grad()
def spread(weights: list[torch.Tensor], working: list[torch.Tensor]) -> None:
    for weight, shadow in zip(weights, working, strict=True):
        shadow.copy_(weight)


def save(model: Any, weights: list[torch.Tensor], optimizer: Any, step: int, checkpoint: Path, adapter: Path) -> None:
    partial = checkpoint.with_suffix(".partial")
    torch.save({"weights": [weight.detach() for weight in weights], "optimizer": optimizer.state_dict(), "step": step}, partial)
    partial.replace(checkpoint)
    names = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    model.save_pretrained(str(adapter), state_dict={name: weight.detach().half() for name, weight in zip(names, weights, strict=True)})


if __name__ == "__main__":
    main()
