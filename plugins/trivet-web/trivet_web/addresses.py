"""Which addresses are public."""

import ipaddress

from trivet_web.settings import Address, Network

_CARRIERS: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(network), name)
    for network, name in (
        ("::ffff:0:0/96", "an IPv4 address in an IPv6 one"),
        ("::/96", "an IPv4 address in an IPv6 one"),
        ("64:ff9b::/96", "an IPv4 address behind NAT64"),
        ("64:ff9b:1::/48", "an IPv4 address behind NAT64"),
        ("2002::/16", "an IPv4 address behind 6to4"),
        ("2001::/32", "an IPv4 address behind Teredo"),
    )
)
"""IPv6 addresses that lead to an IPv4 address: where, depends on a router that we do not know."""
_GLOBAL_6 = ipaddress.ip_network("2000::/3")
_NOT_GLOBAL_6 = tuple(map(ipaddress.ip_network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
_NOT_GLOBAL_4 = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24")))

_NAMEABLE = tuple(
    map(
        ipaddress.ip_network,
        (
            "127.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
            "::1/128", "::/128", "fc00::/7",
        ),
    )
)  # fmt: skip
"""This machine and private networks. Servers say of themselves that they are at 0.0.0.0."""
_CLOUDS = tuple(map(ipaddress.ip_network, ("100.100.100.200/32", "fd00:ec2::/32", "fd20:ce::/32")))
"""Where clouds keep their secrets outside of the link-local networks: Alibaba, Amazon, Google."""


def may_be_named(address: Address) -> bool:
    """Whether a user who names this closed address in a goal opens it by that; others are for the settings to open."""
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        return False
    return any(address in each for each in _NAMEABLE) and not any(address in each for each in _CLOUDS)


def why_closed(address: Address) -> str:
    """Why nothing is sent to this address unless the user opens it, to read on after "is"; nothing for a public one."""
    if address.is_multicast:
        return "a multicast address"
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_loopback or address.is_unspecified:
            return "this machine's own address"
        for network, name in _CARRIERS:
            if address in network:
                return name
        if address.scope_id is not None or address.is_link_local:
            return "a link-local address"
        is_global = address in _GLOBAL_6 and address.is_global and not any(address in each for each in _NOT_GLOBAL_6)
    else:
        if address.is_loopback or address.is_unspecified or address in ipaddress.ip_network("0.0.0.0/8"):
            return "this machine's own address"
        if address.is_link_local:
            return "a link-local address, where clouds keep their secrets"
        is_global = address.is_global and not any(address in each for each in _NOT_GLOBAL_4)
    return "" if is_global else "an address of a private or reserved network"


def is_public(address: Address) -> bool:
    return not why_closed(address)
