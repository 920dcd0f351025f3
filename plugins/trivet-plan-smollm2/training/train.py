"""Fine-tune SmolLM2-135M to plan: a low-rank adapter on all linear layers, loss on the plan's tokens only.

    python -m training.train --groups groups.jsonl --base FOLDER --out RUN [--steps 600] [--resume]

`--base` is the model as a Hugging Face folder (`trivet models pull smollm2-135m` leaves one in the plugin's cache after
its first use). Seeded; `--workers 2` shares each step between two processes of one thread each (on a busy machine faster than two
threads, which wait for each other); a checkpoint every `--save-every` steps lets `--resume` go on exactly where it stopped. Uses a
GPU if there is one. The adapter goes to `RUN/adapter`, in float16.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer
from torch import distributed, multiprocessing
from transformers import AutoModelForCausalLM, DynamicCache
from transformers.models.llama.modeling_llama import LlamaRMSNorm

from .sequences import IGNORED, Batch, Group, lay_out, read_groups

LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


BASE = "HuggingFaceTB/SmolLM2-135M-Instruct"
FROZEN = 6
"""So many layers at the bottom stay as they are; what they compute of words serves plans as well."""


def fused_norm(self: Any, hidden: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.rms_norm(hidden, (hidden.shape[-1],), self.weight, self.variance_epsilon)


def loss_of(model: Any, batch: Batch, device: torch.device) -> torch.Tensor:
    """Sum of the negative log-likelihoods of the plans' tokens, in nats; logits only where they count."""
    body, head = model.get_base_model().model, model.get_base_model().lm_head
    length = len(batch.context)
    context: Any = DynamicCache()
    body(input_ids=batch.context[None].to(device), past_key_values=context, use_cache=True)
    total = torch.zeros((), device=device)
    for rows in batch.rows:
        goals, longest = rows.tokens.shape
        cache = DynamicCache()
        for number, layer in enumerate(context.layers):
            cache.update(layer.keys.expand(goals, -1, -1, -1), layer.values.expand(goals, -1, -1, -1), number)
        hidden = body(
            input_ids=rows.tokens.to(device),
            position_ids=torch.arange(length, length + longest, device=device)[None].expand(goals, -1),
            attention_mask=rows.mask(length, torch.bfloat16).expand(goals, -1, -1, -1).to(device),
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state
        target = rows.labels[:, 1:].to(device)
        counts = target != IGNORED
        logits = head(hidden[:, :-1][counts])
        total = total + torch.nn.functional.cross_entropy(logits.float(), target[counts], reduction="sum")
    return total


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
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    if options.workers == 1:
        train(0, options)
        return
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.spawn(join, (options, f"file://{folder}/meeting"), options.workers)  # type: ignore[no-untyped-call, attr-defined]


def join(number: int, options: argparse.Namespace, meeting: str) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=meeting, rank=number, world_size=options.workers)
    train(number, options)
    distributed.destroy_process_group()


def train(number: int, options: argparse.Namespace) -> None:
    """The work of one process: its share of every step's groups; all hold the same weights."""
    torch.manual_seed(options.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = Tokenizer.from_file(str(Path(options.base) / "tokenizer.json"))
    base: Any = AutoModelForCausalLM.from_pretrained(options.base, dtype=torch.bfloat16, attn_implementation="eager")
    base.to(device)
    # the stock norm upcasts in six passes, a fifth of the time on a CPU
    LlamaRMSNorm.forward = fused_norm  # type: ignore[assignment, method-assign]
    config = LoraConfig(
        r=options.rank,
        lora_alpha=2 * options.rank,
        target_modules=LINEAR,
        layers_to_transform=list(range(FROZEN, base.config.num_hidden_layers)),
    )
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
        tokens = sum(batch.counted for batch in batches)
        batches = batches[number :: options.workers]
        total = 0.0
        for batch in batches:
            loss = loss_of(model, batch, device) / max(1, tokens)
            loss.backward()  # type: ignore[no-untyped-call]
            gather(working, weights)
            total += float(loss.detach())
            seen += batch.size
        if options.workers > 1:
            total = share([*(weight.grad for weight in weights if weight.grad is not None)], total)
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        spread(weights, working)
        optimizer.zero_grad(set_to_none=True)
        average = total if average is None else 0.95 * average + 0.05 * total
        if number == 0 and (step % 10 == 0 or step + 1 == options.steps):
            seconds = time.monotonic() - started
            left = seconds / (step - first + 1) * (options.steps - step - 1)
            print(
                f"step {step} loss {total:.4f} mean {average:.4f} {seen / seconds:.0f} tokens/s, {left / 60:.0f} min left",
                flush=True,
            )
        if number == 0 and ((step + 1) % options.save_every == 0 or step + 1 == options.steps):
            save(model, weights, optimizer, step + 1, checkpoint, options.out / "adapter")
    if number == 0:
        (options.out / "training.json").write_text(
            json.dumps(
                {**vars(options), "out": "", "base": "", "groups": len(groups), "start": "", "loss": average},
                default=str,
            )
        )


def shuffled(group: Group, seed: int) -> Group:
    """The same group with its tools and files in another order, so that order means nothing."""
    chance = random.Random(seed)
    tools, files = list(group.tools), list(group.files)
    chance.shuffle(tools)
    chance.shuffle(files)
    return Group(tools=tuple(tools), files=tuple(files), goals=group.goals)


def share(gradients: list[torch.Tensor], loss: float) -> float:
    """Sum gradients and loss over the processes."""
    flat = torch.cat([gradient.flatten() for gradient in gradients] + [torch.tensor([loss])])
    distributed.all_reduce(flat)
    place = 0
    for gradient in gradients:
        gradient.copy_(flat[place : place + gradient.numel()].view_as(gradient))
        place += gradient.numel()
    return float(flat[-1])


def gather(working: Sequence[torch.Tensor], weights: Sequence[torch.Tensor]) -> None:
    """Add the shadow's gradients to those of the weights, in float32."""
    for shadow, weight in zip(working, weights, strict=True):
        if shadow.grad is not None:
            weight.grad = shadow.grad.float() if weight.grad is None else weight.grad.add_(shadow.grad)
            shadow.grad = None


@torch.no_grad()
def spread(weights: Sequence[torch.Tensor], working: Sequence[torch.Tensor]) -> None:
    for weight, shadow in zip(weights, working, strict=True):
        shadow.copy_(weight)


def save(model: Any, weights: list[torch.Tensor], optimizer: Any, step: int, checkpoint: Path, adapter: Path) -> None:
    partial = checkpoint.with_suffix(".partial")
    torch.save(
        {"weights": [weight.detach() for weight in weights], "optimizer": optimizer.state_dict(), "step": step}, partial
    )
    partial.replace(checkpoint)
    model.peft_config["default"].base_model_name_or_path = BASE
    names = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    model.save_pretrained(
        str(adapter), state_dict={name: weight.detach().half() for name, weight in zip(names, weights, strict=True)}
    )


if __name__ == "__main__":
    main()
