"""Fine-tune SmolLM2-135M to plan, with the loss on the plan's tokens only.

    python -m training.train --groups groups.jsonl --base FOLDER --out RUN [--steps 600] [--full] [--curriculum] [--resume]

`--base` is the model as a Hugging Face folder (`trivet models pull smollm2-135m` leaves one in the plugin's cache after
its first use). A low-rank adapter on all linear layers, or with `--full` the matrices themselves, of which a low-rank adapter is
made at the end. Seeded; `--workers 2` shares each step between two processes of one thread each (on a busy machine faster than two
threads, which wait for each other); a checkpoint every `--save-every` steps lets `--resume` go on exactly where it stopped. Uses a
GPU if there is one. The adapter goes to `RUN/adapter`, in float16; `--milestones 500,1000` keeps copies after so many goals.
"""

import argparse
import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import distributed, multiprocessing
from transformers import AutoModelForCausalLM
from transformers.models.llama.modeling_llama import LlamaRMSNorm

from .curriculum import ordered, shuffled
from .loss import fused_norm, loss_of
from .sequences import Group, lay_out, read_groups
from .tuning import FROZEN, Tuning


def rate(step: int, steps: int, peak: float, warm_up: int = 20) -> float:
    """Warm up, hold, then go down linearly over the last 60 percent."""
    if step < warm_up:
        return peak * (step + 1) / warm_up
    return peak * min(1.0, (steps - step) / (0.6 * steps))


def quickest(device: torch.device) -> torch.dtype:
    """bfloat16 where the processor computes in it; a CPU that must emulate it is up to twenty times slower than in float32."""
    if device.type == "cuda":
        return torch.bfloat16
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        left, right = torch.ones(128, 576, dtype=dtype), torch.ones(576, 576, dtype=dtype)
        left @ right
        start = time.perf_counter()
        left @ right
        seconds[dtype] = time.perf_counter() - start
    return min(seconds, key=lambda dtype: seconds[dtype])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", required=True, action="append", help="may be given several times")
    parser.add_argument("--base", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--groups-per-step", type=int, default=4)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=50)
    parser.add_argument("--start", type=Path, help="adapter to go on from, with a fresh schedule")
    parser.add_argument("--full", action="store_true", help="train whole matrices, export at the rank")
    parser.add_argument("--frozen", type=int, default=FROZEN, help="layers at the bottom that stay as they are")
    parser.add_argument("--curriculum", action="store_true", help="easy groups first")
    parser.add_argument("--milestones", default="", help="numbers of goals after which a copy of the adapter is kept")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--dtype", choices=("quickest", "float32", "bfloat16"), default="quickest", help="of the forward pass"
    )
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
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint.pt"
    dtype = dtype_of(options, checkpoint, device)
    base: Any = AutoModelForCausalLM.from_pretrained(options.base, dtype=dtype, attn_implementation="eager")
    base.to(device)
    LlamaRMSNorm.forward = fused_norm  # type: ignore[assignment, method-assign]
    tuning = Tuning(base, options.rank, full=options.full, frozen=options.frozen)
    first = 0
    if options.start:
        tuning.start_from(options.start)
    optimizer = torch.optim.AdamW(tuning.weights, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.0)
    if options.resume and checkpoint.exists():
        first = restore(tuning, optimizer, checkpoint, device)
    groups = [group for path in options.groups for group in read_groups(path)]
    count = options.steps * options.groups_per_step
    levels = [group.level for group in groups]
    order = ordered(levels, count, options.seed) if options.curriculum else shuffled(len(groups), count, options.seed)
    milestones = sorted(int(text) for text in options.milestones.split(",") if text)
    base.train()
    started, seen, average = time.monotonic(), 0, None
    goals = sum(len(groups[place].goals) for place in order[: first * options.groups_per_step])
    for step in range(first, options.steps):
        for parameters in optimizer.param_groups:
            parameters["lr"] = rate(step, options.steps, options.rate)
        places = order[step * options.groups_per_step : (step + 1) * options.groups_per_step]
        batches = [lay_out(rearranged(groups[place], options.seed + step), tokenizer) for place in places]
        tokens = sum(batch.counted for batch in batches)
        total = 0.0
        for batch in batches[number :: options.workers]:
            loss = loss_of(base, batch) / max(1, tokens)
            loss.backward()  # type: ignore[no-untyped-call]
            tuning.gather()
            total += float(loss.detach())
            seen += batch.size
        if options.workers > 1:
            total = share([weight.grad for weight in tuning.weights if weight.grad is not None], total)
        torch.nn.utils.clip_grad_norm_(tuning.weights, 1.0)
        optimizer.step()
        tuning.spread()
        optimizer.zero_grad(set_to_none=True)
        average = total if average is None else 0.95 * average + 0.05 * total
        goals += sum(len(groups[place].goals) for place in places)
        is_last = step + 1 == options.steps
        if number:
            continue
        if step % 10 == 0 or is_last:
            seconds = time.monotonic() - started
            left = seconds / (step - first + 1) * (options.steps - step - 1)
            print(
                f"step {step} goals {goals} loss {total:.4f} mean {average:.4f} {seen / seconds:.0f} tokens/s, {left / 60:.0f} min left",
                flush=True,
            )
        if milestones and goals >= milestones[0]:
            tuning.save(options.out / f"adapter-{goals}")
            milestones = [other for other in milestones if other > goals]
        if (step + 1) % options.save_every == 0 or is_last:
            keep(tuning, optimizer, step + 1, checkpoint, dtype)
    if number == 0:
        lost = tuning.save(options.out / "adapter")
        record = {"goals": goals, "groups": len(groups), "loss": average, "lost": lost, "dtype": str(dtype)}
        kept = {name: value for name, value in vars(options).items() if name not in ("out", "base", "groups", "start")}
        (options.out / "training.json").write_text(json.dumps({**kept, **record}, default=str) + "\n")


def rearranged(group: Group, seed: int) -> Group:
    """The same group with its tools and files in another order, so that order means nothing."""
    chance = random.Random(seed)
    tools, files = list(group.tools), list(group.files)
    chance.shuffle(tools)
    chance.shuffle(files)
    return Group(tools=tuple(tools), files=tuple(files), goals=group.goals, level=group.level)


def share(gradients: list[torch.Tensor], loss: float) -> float:
    """Sum gradients and loss over the processes."""
    flat = torch.cat([gradient.flatten() for gradient in gradients] + [torch.tensor([loss])])
    distributed.all_reduce(flat)
    place = 0
    for gradient in gradients:
        gradient.copy_(flat[place : place + gradient.numel()].view_as(gradient))
        place += gradient.numel()
    return float(flat[-1])


def dtype_of(options: argparse.Namespace, checkpoint: Path, device: torch.device) -> torch.dtype:
    """As asked; a run that goes on keeps what it began with, whichever is quicker by now."""
    name = options.dtype
    if options.resume and checkpoint.exists():
        name = torch.load(checkpoint, map_location="cpu", weights_only=True)["dtype"]
    return quickest(device) if name == "quickest" else getattr(torch, name)


def keep(tuning: Tuning, optimizer: torch.optim.Optimizer, step: int, checkpoint: Path, dtype: torch.dtype) -> None:
    """Write the checkpoint whole or not at all."""
    partial = checkpoint.with_suffix(".partial")
    weights = [weight.detach() for weight in tuning.weights]
    name = str(dtype).removeprefix("torch.")
    torch.save({"weights": weights, "optimizer": optimizer.state_dict(), "step": step, "dtype": name}, partial)
    partial.replace(checkpoint)


def restore(tuning: Tuning, optimizer: torch.optim.Optimizer, checkpoint: Path, device: torch.device) -> int:
    """The step that comes next."""
    saved = torch.load(checkpoint, map_location=device, weights_only=True)
    for weight, value in zip(tuning.weights, saved["weights"], strict=True):
        weight.data.copy_(value)
    tuning.spread()
    optimizer.load_state_dict(saved["optimizer"])
    return int(saved["step"])


if __name__ == "__main__":
    main()
