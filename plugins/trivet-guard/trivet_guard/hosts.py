"""The hosts that texts name. Pure."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[/\\]{2}[^\s\"'<>`|]*")
_MAIL = re.compile(r"[^\s@<>\",;:()]+@([^\s@<>\",;:()\[\]/\\]+)")
_BARE = re.compile(
    r"(?=.{1,253}\Z)(?:[\w-]{1,63}\.)+[^\W\d_]{2,63}\.?|(?:\d{1,3}\.){3}\d{1,3}|\[?[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+\]?"
)


class Unclear(ValueError):
    """An address that two readers take for two hosts."""


def hosts_in(texts: Iterable[str]) -> list[str]:
    """As they stand in URLs, e-mail addresses and texts that are nothing but a host's name; in lower case and, for names of
    other alphabets, as IDNA. Raises Unclear."""
    return list(dict.fromkeys(host for text in texts for host in _of(text)))


def _of(text: str) -> Iterator[str]:
    rest = text
    for found in _ADDRESS.finditer(text):
        yield _host_of(found[0])
        rest = rest.replace(found[0], " ")
    for mail in _MAIL.finditer(rest):
        yield ascii_of(mail[1].rstrip("."))
    name, _, port = text.strip().rpartition(":")
    bare = name if port.isdecimal() and name.count(":") == 0 else text.strip()
    if _BARE.fullmatch(bare):
        yield ascii_of(bare.strip("[]").rstrip("."))


def _host_of(address: str) -> str:
    if "\\" in address:  # browsers read it as a slash, and most libraries do not
        raise Unclear(f"'{address}' has a backslash")
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None
    if not host:
        raise Unclear(f"'{address}' names no host")
    return ascii_of(host.rstrip("."))


def ascii_of(host: str) -> str:
    """Raises Unclear."""
    try:
        return host.lower() if host.isascii() else host.encode("idna").decode().lower()
    except UnicodeError:
        raise Unclear(f"'{host}' is no name of a host") from None
