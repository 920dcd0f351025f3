"""Groups of goals as token sequences in which the goals share one context.

A group is laid out as context, goal 1, goal 2, …; each goal sees the context and itself, never another goal (a block
attention mask), and its positions continue the context's. That halves the cost of an example and trains exactly what
is computed at work, where each goal stands alone behind its context.
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


class TokenSequence(msgspec.Struct, frozen=True):
    """`tokens`, `positions`, `labels`: `[length]`; `blocks`: `[length]`, 0 for the context, else the goal's number."""

    tokens: torch.Tensor
    positions: torch.Tensor
    labels: torch.Tensor
    blocks: torch.Tensor

    def mask(self, dtype: torch.dtype) -> torch.Tensor:
        """`[1, 1, length, length]`, 0 where a token may look and the dtype's minimum where not."""
        length = len(self.tokens)
        may = torch.ones(length, length, dtype=torch.bool).tril()
        may &= (self.blocks[None, :] == 0) | (self.blocks[None, :] == self.blocks[:, None])
        return torch.zeros(length, length, dtype=dtype).masked_fill(~may, torch.finfo(dtype).min)[None, None]


def read_groups(path: str) -> Iterator[Group]:
    decode = msgspec.json.Decoder(Group).decode
    with open(path, "rb") as lines:
        for line in lines:
            yield decode(line)


def prefix_text(tools: Sequence[ToolCard], files: Sequence[FileCard]) -> str:
    return f"<|im_start|>system\n{context(tools, files)}<|im_end|>\n"


def goal_text(goal: str) -> str:
    return f"<|im_start|>user\n{goal}<|im_end|>\n<|im_start|>assistant\n"


def lay_out(group: Group, tokenizer: Any, max_length: int = 1600) -> TokenSequence:
    """Goals that no longer fit into `max_length` tokens are left out."""

    def encode(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    head = encode(prefix_text(group.tools, group.files))
    tokens, positions, labels, blocks = list(head), list(range(len(head))), [IGNORED] * len(head), [0] * len(head)
    for number, task in enumerate(group.goals, 1):
        asked, answered = encode(goal_text(task.goal)), encode(write_plan(task.plan, group.tools) + "<|im_end|>")
        if len(tokens) + len(asked) + len(answered) > max_length:
            break
        tokens += asked + answered
        positions += range(len(head), len(head) + len(asked) + len(answered))
        labels += [IGNORED] * len(asked) + answered
        blocks += [number] * (len(asked) + len(answered))
    return TokenSequence(torch.tensor(tokens), torch.tensor(positions), torch.tensor(labels), torch.tensor(blocks))
