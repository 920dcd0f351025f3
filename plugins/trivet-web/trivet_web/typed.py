"""What a user opens by naming a server in a goal: that server, for that run, and nothing else."""

import ipaddress
from collections.abc import Iterable

from trivet_sdk import ToolError
from trivet_web.addresses import is_public, may_be_named
from trivet_web.location import Location, address_in, located
from trivet_web.settings import Opening, Settings

_LOOPBACK = tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "::1/128")))


def origins_of(typed: Iterable[str]) -> frozenset[str]:
    """As a Location tells them; what is no address is left out."""
    found: set[str] = set()
    for origin in typed:
        try:
            found.add(located(origin).origin)
        except ToolError:
            continue
    return frozenset(found)


def openings_for(location: Location, settings: Settings, typed: frozenset[str]) -> tuple[Opening, ...] | None:
    """Addresses of this location that may be visited at its port though they are not public; None where that it was typed
    makes no difference: it was not, it is open anyway, or it may not be opened so.

    A name opens its port and no address: what it stands for is its owner's choice. Only `localhost` stands for nothing else.
    """
    if location.origin not in typed:
        return None
    port, address = location.port, address_in(location.host)
    if address is None and (location.host == "localhost" or location.host.endswith(".localhost")):
        return tuple(Opening(network, port) for network in _LOOPBACK)
    if address is None or is_public(address):
        at_port = tuple(opening for opening in settings.openings if opening.names(port))
        return None if port in settings.ports else at_port
    if any(opening.covers(address, port, settings.ports) for opening in settings.openings):
        return None
    return (Opening(ipaddress.ip_network(address), port),) if may_be_named(address) else None
