"""Whether a call would carry a secret out. Pure."""

import base64
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote

from trivet.redaction import Redaction
from trivet_sdk.tool import ToolCall

_LEAST = 6
"""Letters of a secret, as for redaction: what is shorter stands in every other text."""
_PADDING = re.compile(r"[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff\U000e0000-\U000e007f]+")


def leak(call: ToolCall, secrets: Iterable[str]) -> str:
    """Why this must not go out; empty if it may. A secret that is known is found in the disguises a text can ask a model for:
    base64, hexadecimal, percent-encoded, backwards, stretched by spaces. After text from outside, what only looks like a
    key counts as well."""
    texts = tuple(_PADDING.sub("", text) for text in call.texts())
    spellings = {spelling for secret in secrets for spelling in (secret, _PADDING.sub("", secret))}
    shapes = {shape for each in spellings if len(_PADDING.sub("", each)) >= _LEAST for shape in _shapes(each)}
    if any(shape in text or shape in unquote(text) for text in texts for shape in shapes):
        return "its arguments hold a secret of your settings; a tool that needs one gets it by reference, like env:NAME"
    if call.is_tainted and Redaction().is_in("\n".join(call.texts()).encode()):
        return "its arguments hold what looks like a key, and this run has read text from outside"
    return ""


def _shapes(secret: str) -> Iterator[str]:
    raw = secret.encode()
    yield secret
    yield secret[::-1]
    yield raw.hex()
    yield raw.hex().upper()
    yield quote(secret, safe="")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):  # where it begins in what was encoded as a whole
            whole = encode(b"\0" * shift + raw).decode().rstrip("=")
            begin = (shift * 8 + 5) // 6
            end = (shift + len(raw)) * 8 // 6
            yield whole[begin:end]
