"""Programs that want out, and how it is told whether they got there."""

from collections.abc import Callable

Run = Callable[..., dict[str, str]]
"""`python -m corpus` with these arguments: what became of each program."""
