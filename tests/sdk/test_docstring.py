"""Docstrings in Google's style."""

import pytest

from trivet_sdk.docstring import Docstring, read_docstring

FULL = """Find passages
    in files.

    Ranked by words.

    Best first.

    Args:
        query (str): What to look for: words
            or a sentence.
        limit: At most.
        *rest: More.

    Returns:
        A list,
          best first.

    Raises:
        ToolError: Never told.

    Example:
        find(1)
    """


def test_all_sections() -> None:
    assert read_docstring(FULL) == Docstring(
        summary="Find passages in files.",
        description="Ranked by words.\n\nBest first.\n\nReturns: A list, best first.",
        arguments={"query": "What to look for: words or a sentence.", "limit": "At most.", "rest": "More."},
    )


@pytest.mark.parametrize("text", [None, "", "   \n  "])
def test_nothing_is_nothing(text: str | None) -> None:
    assert read_docstring(text) == Docstring()


def test_one_line() -> None:
    assert read_docstring(" Find it: now. ") == Docstring(summary="Find it: now.")


def test_a_first_line_below_the_quotes() -> None:
    text = """
    Find it.

    Args:
      a: The a.

        With a second paragraph.
    """
    assert read_docstring(text) == Docstring(
        summary="Find it.", arguments={"a": "The a. With a second paragraph."}
    )  # fmt: skip
