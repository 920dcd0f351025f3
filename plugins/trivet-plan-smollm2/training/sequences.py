"""Groups of goals as token sequences in which the goals share one context.

The context is computed once; each goal is a row of a batch that attends to the context's keys and values and to itself.
That halves the cost of an example and trains exactly what is computed at work, where a goal stands alone behind its context.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import torch

from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard, context, write_plan

IGNORED = -100


class Task(msgspec.Struct, frozen=True, kw_only=True):
    goal: str
    plan: tuple[Call, ...]
    kind: str = msgspec.field(name="class", default="")


class Group(msgspec.Struct, frozen=True, kw_only=True):
    tools: tuple[ToolCard, ...]
    files: tuple[FileCard, ...]
    goals: tuple[Task, ...]


class Batch(msgspec.Struct, frozen=True):
    """`context`: `[length]`; `tokens` and `labels`: `[goals, longest]`, padded at the end."""

    context: torch.Tensor
    tokens: torch.Tensor
    labels: torch.Tensor

    def mask(self, dtype: torch.dtype) -> torch.Tensor:
        """`[1, 1, longest, length + longest]`: all of the context, and the goal's own tokens up to each."""
        length, longest = len(self.context), self.tokens.shape[1]
        own = torch.full((longest, longest), torch.finfo(dtype).min, dtype=dtype).triu(1)
        return torch.cat([torch.zeros(longest, length, dtype=dtype), own], dim=1)[None, None]


def read_groups(path: str) -> Iterator[Group]:
    decode = msgspec.json.Decoder(Group).decode
    with open(path, "rb") as lines:
        for line in lines:
            yield decode(line)


def prefix_text(tools: Sequence[ToolCard], files: Sequence[FileCard]) -> str:
    return f"<|im_start|>system\n{context(tools, files)}<|im_end|>\n"


def goal_text(goal: str) -> str:
    return f"<|im_start|>user\n{goal}<|im_end|>\n<|im_start|>assistant\n"


def lay_out(group: Group, tokenizer: Any, longest: int = 260) -> Batch:
    """Tokens of a group; goals whose tokens are more than `longest` are left out."""

    def encode(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    rows = []
    for task in group.goals:
        asked, answered = encode(goal_text(task.goal)), encode(write_plan(task.plan, group.tools) + "<|im_end|>")
        if len(asked) + len(answered) <= longest:
            rows.append((asked + answered, [IGNORED] * len(asked) + answered))
    width = max((len(tokens) for tokens, _ in rows), default=0)
    padded = [[*tokens, *[0] * (width - len(tokens))] for tokens, _ in rows]
    labels = [[*wanted, *[IGNORED] * (width - len(wanted))] for _, wanted in rows]
    context_tokens = encode(prefix_text(group.tools, group.files))
    return Batch(torch.tensor(context_tokens), torch.tensor(padded), torch.tensor(labels))
