"""The text of a page: what the page says of its encoding is heard, and not believed where the bytes say otherwise."""

import re

from trivet_sdk.decoding import Decoded, decode

_CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
    "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252", "latin1": "cp1252", "windows-1252": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "hz-gb-2312": "hz",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "windows-31j": "cp932", "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "koi8-r": "koi8_r", "koi8-u": "koi8_u",
    "ibm866": "cp866", "macintosh": "mac_roman", "tis-620": "cp874", "windows-874": "cp874",
    **{f"iso-8859-{n}": f"iso8859_{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}, "iso-8859-9": "cp1254",
    **{f"windows-125{n}": f"cp125{n}" for n in (0, 1, 3, 4, 5, 6, 7, 8)},
}  # fmt: skip
"""Labels of the WHATWG's encoding standard that pages bear; Python knows others, such as `zip`, that are no encodings."""
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_:.-]{1,40})""", re.IGNORECASE)
_LOOKED_AT = 4096


def text_of(content: bytes, declared: str = "", *, is_markup: bool = False) -> Decoded:
    """`declared` is the charset of the header. Never fails."""
    if content.startswith(_MARKS):
        return decode(content)
    named = [declared]
    if is_markup:
        head = content[:_LOOKED_AT]
        named += [found[1].decode("ascii") for found in (_XML.match(head), _META.search(head)) if found]
    detected: Decoded | None = None
    for name in named:
        codec = _CODECS.get(name.strip("\"' ").lower())
        if codec is None:
            continue
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if codec != "utf-8" and not content.isascii():
            # Bytes that are valid UTF-8 and not ASCII were hardly ever meant as anything else.
            detected = detected or decode(content)
            if detected.encoding == "utf-8":
                return detected
        return Decoded(text, codec)
    return detected or decode(content)
