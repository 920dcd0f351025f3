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
    level: int = 0
    """How hard its goals are, 1 to 4; 0 for goals of all sorts."""


class Rows(msgspec.Struct, frozen=True):
    """Goals of about the same length. `tokens` and `labels`: `[goals, longest]`, padded at the end."""

    tokens: torch.Tensor
    labels: torch.Tensor

    def mask(self, length: int, dtype: torch.dtype) -> torch.Tensor:
        """`[1, 1, longest, length + longest]`: all of a context of `length` tokens, and the goal's own tokens up to each."""
        longest = self.tokens.shape[1]
        own = torch.full((longest, longest), torch.finfo(dtype).min, dtype=dtype).triu(1)
        return torch.cat([torch.zeros(longest, length, dtype=dtype), own], dim=1)[None, None]


class Batch(msgspec.Struct, frozen=True):
    """`context`: `[length]`, shared by all rows."""

    context: torch.Tensor
    rows: tuple[Rows, ...]

    @property
    def counted(self) -> int:
        """Tokens that the loss is over."""
        return sum(int((rows.labels != IGNORED).sum()) for rows in self.rows)

    @property
    def size(self) -> int:
        return len(self.context) + sum(rows.tokens.numel() for rows in self.rows)


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

    found = []
    for task in group.goals:
        asked, answered = encode(goal_text(task.goal)), encode(write_plan(task.plan, group.tools) + "<|im_end|>")
        if len(asked) + len(answered) <= longest:
            found.append((asked + answered, [IGNORED] * len(asked) + answered))
    found.sort(key=lambda pair: len(pair[0]))
    middle = (len(found) + 1) // 2
    rows = tuple(padded(part) for part in (found[:middle], found[middle:]) if part)
    return Batch(torch.tensor(encode(prefix_text(group.tools, group.files))), rows)


def padded(pairs: Sequence[tuple[list[int], list[int]]]) -> Rows:
    width = max(len(tokens) for tokens, _ in pairs)
    tokens = [[*tokens, *[0] * (width - len(tokens))] for tokens, _ in pairs]
    labels = [[*wanted, *[IGNORED] * (width - len(wanted))] for _, wanted in pairs]
    return Rows(torch.tensor(tokens), torch.tensor(labels))
