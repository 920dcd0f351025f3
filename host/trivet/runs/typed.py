"""Servers that a person named: the addresses in a goal's own words, in any language. Pure."""

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv6Address
from itertools import chain

MOST = 100
"""Servers that a run is told of at most: a list that was pasted is not typed."""
_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"(?<![A-Za-z0-9+.-])(https?)://", re.IGNORECASE)
_RUN = re.compile(r"[^\s\"'<>`|，。；！？、（）《》「」『』【】“”‘’…]+")
"""What may be one address. Writing without blanks may have several."""
_AUTHORITY = re.compile(r"[^/?#]*")
_SERVER = re.compile(
    r"(?:(?P<six>\[[0-9A-Fa-f:.]++\])"
    r"|(?P<four>[0-9]{1,3}(?:\.[0-9]{1,3}){3}+)(?!\.?[A-Za-z0-9_-])\.?+"
    r"|(?P<name>[\w.-]++))"
    r"(?::(?P<port>[0-9]{1,5}+))?+"
    r"(?=$|(?!：[0-9０-９])[^\x00-\x7f]|[,;!)\]}*]|[.:]+$)"  # else it goes on, and means something else than it began to
)
_GLUED = re.compile(r"(?<=[A-Za-z0-9])[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff].*")
"""The sentence that goes on where a name ends: `http://localhost里有什么`."""
_CUT = "… ("
"""Where a long goal was cut, perhaps within a port: see `conversation`."""


def typed_origins(*goals: str) -> tuple[str, ...]:
    """`http://127.0.0.1:8000` for each server that the goals name, each once, of the first goal first.

    The port is left out where it is the scheme's own. An address inside another one counts as part of that, and one with a
    name and a password, or that two readers take for two hosts, does not count.
    """
    return together(*map(_origins, goals))


def together(*origins: Iterable[str]) -> tuple[str, ...]:
    """Each once, and not too many."""
    return tuple(dict.fromkeys(chain.from_iterable(origins)))[:MOST]


def _origins(text: str) -> Iterator[str]:
    for run in _RUN.finditer(text):
        is_cut = text.startswith(_CUT, run.end())
        for place, start in enumerate(_SCHEME.finditer(run[0])):
            if place and run[0][start.start() - 1].isascii():
                continue
            authority = _AUTHORITY.match(run[0], start.end())
            assert authority is not None
            is_whole = not is_cut or authority.end() < len(run[0])
            if origin := _origin(start[1].lower(), authority[0], is_whole):
                yield origin


def _origin(scheme: str, authority: str, is_whole: bool) -> str:
    """Empty if it is none."""
    server = _SERVER.match(authority)
    if server is None or "@" in authority or "\\" in authority or not (is_whole or server.end() < len(authority)):
        return ""
    host, port = _host(server), int(server["port"] or _PORTS[scheme])
    if not host or port > 65535:
        return ""
    return f"{scheme}://{host}" + ("" if port == _PORTS[scheme] else f":{port}")


def _host(server: re.Match[str]) -> str:
    """In lower case; empty if it is none."""
    if server["six"]:
        try:
            return f"[{IPv6Address(server['six'][1:-1])}]"
        except ValueError:
            return ""
    if server["four"]:
        return server["four"]
    *above, last = server["name"].lower().rstrip(".-").split(".")
    return ".".join((*above, _GLUED.sub("", last))).strip(".-")
