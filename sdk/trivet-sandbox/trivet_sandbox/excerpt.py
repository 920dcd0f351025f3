"""What a program said, as far as it fits into the text that a model reads."""

from collections.abc import Iterator
from typing import Final

from trivet_sandbox.result import Result

SHOWN: Final = 6000
"""Characters of each stream; all that was kept is in the result."""


def shortened(text: str) -> str:
    """Its beginning and its end, as errors tell more at theirs."""
    if len(text) <= SHOWN:
        return text
    return f"{text[: SHOWN // 2]}\n… {len(text) - SHOWN} characters left out …\n{text[-SHOWN // 2 :]}"


def output_of(result: Result) -> Iterator[str]:
    """A text for each stream that is not empty, and a sentence if there was more than is kept."""
    if result.stdout.strip():
        yield shortened(result.stdout.rstrip())
    if result.stderr.strip():
        yield f"On stderr: {shortened(result.stderr.strip())}"
    if result.is_cut:
        yield "There was more output than is kept."
