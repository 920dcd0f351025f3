"""An address as it was typed, and whether it may be visited at all; nothing is looked up yet."""

import ipaddress
import re
from collections.abc import Collection

import httpx2
import msgspec

from trivet_sdk import ToolError
from trivet_web.settings import Address, Settings

MAX_LENGTH = 4096
_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(?!\d+(?:/|$))")


class Location(msgspec.Struct, frozen=True):
    """An address, as far as it tells by itself."""

    url: str
    """Normalised, in ASCII, without fragment."""
    scheme: str
    host: str
    """A name in ASCII and lower case, or an IP address."""
    port: int

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if _PORTS[self.scheme] == self.port else f":{self.port}")

    def joined(self, reference: str) -> str:
        """What a link of this page leads to. Raises ToolError if it is none."""
        try:
            return str(httpx2.URL(self.url).join(reference))
        except (httpx2.InvalidURL, UnicodeError, ValueError):
            raise ToolError(f"{shown(self.url)} leads to something that is no address.") from None


def location_of(text: str, settings: Settings, typed: frozenset[str] = frozenset()) -> Location:
    """Raises ToolError with the reason why this address is not visited; `typed` are origins that the user named, whatever
    their port."""
    location = located(text)
    if not settings.has_port(location.port) and location.origin not in typed:
        raise closed_port(location.host, location.port, settings.ports)
    if is_named(location.host, settings.deny):
        raise ToolError(f"{location.host} is denied by the settings of the plugin web.")
    if settings.allow and not is_named(location.host, settings.allow):
        raise ToolError(f"{location.host} is not among the hosts that the settings of the plugin web allow.")
    return location


def located(text: str) -> Location:
    """What the address says, whether it may be visited or not. Raises ToolError if it is none."""
    text = text.strip()
    if not text or len(text) > MAX_LENGTH:
        raise ToolError(f"an address has between 1 and {MAX_LENGTH} characters, and this one has {len(text)}.")
    if re.search(r"[\s\x00-\x1f\x7f\\]", text):
        raise ToolError(f"'{shown(text)}' is no address: it holds a space, a backslash or a control character.")
    if not _SCHEME.match(text):
        text = "https://" + text.removeprefix("//")
    url = _parsed(text)
    if url.scheme not in _PORTS:
        raise ToolError(f"'{shown(text)}' begins with {url.scheme}:, and only http: and https: are visited.")
    if url.userinfo:
        raise ToolError(
            "an address with a name or a password in it is not visited: leave out what stands before the @."
        )
    host = _host(url, text)
    port = url.port or _PORTS[url.scheme]
    ascii_url = str(url.copy_with(host=host, fragment=None, port=None if port == _PORTS[url.scheme] else port))
    return Location(ascii_url, url.scheme, host, port)


def _parsed(text: str) -> httpx2.URL:
    try:
        return httpx2.URL(text)
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        reason = str(error).partition(":")[0].lower() or "it cannot be read"
        raise ToolError(f"'{shown(text)}' is no address: {reason}.") from None


def _host(url: httpx2.URL, text: str) -> str:
    host = url.raw_host.decode("ascii", "replace").lower().rstrip(".")
    if not host:
        raise ToolError(f"'{shown(text)}' names no host.")
    if address := address_in(host):
        return str(address)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):  # 2130706433, 0177.0.0.1, 127.1, 0x7f.1: all are 127.0.0.1 to somebody
        raise ToolError(f"'{shown(host)}' writes an address in a disguise. Four numbers from 0 to 255 are understood.")
    if len(host) > 253 or not all(len(label) < 64 and _LABEL.fullmatch(label) for label in labels):
        raise ToolError(f"'{shown(host)}' is no host name.")
    return host


def address_in(host: str) -> Address | None:
    """The address that a host is, if it is one in its usual spelling; a zone index counts as none."""
    try:
        return ipaddress.ip_address(host) if "%" not in host else None
    except ValueError:
        return None


def is_named(host: str, names: tuple[str, ...]) -> bool:
    """Whether a list names the host or a domain above it."""
    return any(host == name or host.endswith("." + name) for name in names)


def shown(text: str) -> str:
    """Short enough for a sentence, and nothing in it that commands a terminal or reads as another sentence."""
    plain = re.sub(r"[^\x21-\x7e\u00a1-\u02ff\u0370-\u1fff\u3040-\ud7ff]", "\ufffd", text)
    return plain if len(plain) <= 120 else plain[:119] + "…"


def closed_port(host: str, port: int, ports: Collection[int]) -> ToolError:
    return ToolError(
        f"port {port} of {host} is not visited, only {_listed(ports)}. "
        "If it is meant, write the address into the goal, or add the port to `ports` in the settings of the plugin web."
    )


def _listed(ports: Collection[int]) -> str:
    *first, last = map(str, ports) if ports else ("none",)
    return f"{', '.join(first)} and {last}" if first else last
