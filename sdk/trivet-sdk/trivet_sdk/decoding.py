"""Bytes to text, whatever program wrote the file: for tools that read files of the workspace.

Where byte order marks, UTF-8 and the shapes of Western and Chinese text do not decide, charset-normalizer is asked, which
the extra `trivet-sdk[decoding]` brings.
"""

import codecs
import re

import msgspec

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_GB2312_PAIRS = re.compile(rb"(?:[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])+")
_SAMPLE = 200_000  # bytes looked at to guess an encoding


class Decoded(msgspec.Struct, frozen=True):
    text: str
    encoding: str


def decode(content: bytes) -> Decoded:
    """The text of a file and the encoding it was read as. Never fails; bytes of no known text become U+FFFD."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return Decoded(content.decode(encoding, "replace"), encoding)
    if encoding := _utf16_without_mark(content):
        return Decoded(content.decode(encoding, "replace"), encoding)
    try:
        return Decoded(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        encoding = _legacy_encoding(content)
        return Decoded(content.decode(encoding, "replace"), encoding)


def _utf16_without_mark(content: bytes) -> str:
    """Mostly-Latin UTF-16 has a NUL in every other byte and none elsewhere."""
    sample = content[: _SAMPLE // 2 * 2]
    half = len(sample) // 2
    if half < 4 or b"\0" not in sample:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * half and even == 0:
        return "utf-16-le"
    if even > 0.4 * half and odd == 0:
        return "utf-16-be"
    return ""


def _legacy_encoding(content: bytes) -> str:
    """Chinese GB text has its high bytes in pairs; Western text has them one by one; else ask charset-normalizer."""
    sample = content[:_SAMPLE]
    runs = _HIGH_RUN.findall(sample)
    high = sum(map(len, runs))
    paired = sum(len(run) for run in runs if _GB2312_PAIRS.fullmatch(run))
    if paired >= 0.9 * high and paired > len(runs):
        return "gb18030"
    if high <= 1.3 * len(runs):
        return "cp1252" if _decodes(content, "cp1252") else "latin-1"
    from charset_normalizer import from_bytes  # loaded only for the rare file: 30 ms

    best = from_bytes(sample).best()
    return best.encoding if best is not None and _decodes(content, best.encoding) else "latin-1"


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
