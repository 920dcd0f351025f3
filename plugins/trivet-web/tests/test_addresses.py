"""Which addresses are public."""

from ipaddress import ip_address

import pytest

from trivet_web.addresses import is_public, why_closed
from trivet_web.settings import opening_of

CLOSED = """
127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.1
192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::ffff:8.8.8.8 ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1:: 2002:808:808::
2001:0:808:808::1 2001:db8::1 2001:10::1 3fff::1 fc00::1 fd00::1 fe80::1 fec0::1 ff02::1 100::1 5f00::1 4000::1
""".split()
OPEN = "1.1.1.1 8.8.8.8 93.184.216.34 172.32.0.1 192.169.0.1 2606:4700::1111 2a00:1450:4001::200e 2001:4860:4860::8888".split()


@pytest.mark.parametrize("address", CLOSED)
def test_an_address_that_not_everybody_can_reach_is_closed(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OPEN)
def test_an_address_of_the_internet_is_open(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "this machine's own address"),
        ("169.254.169.254", "a link-local address, where clouds keep their secrets"),
        ("10.0.0.1", "an address of a private or reserved network"),
        ("224.0.0.1", "a multicast address"),
        ("::ffff:10.0.0.1", "an IPv4 address in an IPv6 one"),
        ("64:ff9b::a00:1", "an IPv4 address behind NAT64"),
        ("fe80::1", "a link-local address"),
    ],
)
def test_a_closed_address_says_what_it_is(address: str, reason: str) -> None:
    assert why_closed(ip_address(address)) == reason


def test_what_the_user_opens_is_open_and_nothing_beside_it() -> None:
    texts = ("10.1.0.0/16", "127.0.0.1:8000", "127.0.0.9:*", "[fd00::]/8", "[::1]:8000")
    openings = [opening_of(text) for text in texts]

    def is_open(address: str, port: int) -> bool:
        return any(opening.covers(ip_address(address), port, (80, 443)) for opening in openings)

    assert is_open("10.1.2.3", 80)
    assert is_open("127.0.0.1", 8000)
    assert is_open("127.0.0.9", 6379)
    assert is_open("fd12::1", 443)
    assert is_open("::1", 8000)
    closed = [("10.2.0.1", 80), ("10.1.2.3", 8000), ("127.0.0.1", 80), ("127.0.0.2", 8000), ("::ffff:10.1.2.3", 80)]
    assert not any(is_open(address, port) for address, port in closed)
