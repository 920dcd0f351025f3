"""The ids of runs."""

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """Ten letters and digits that are hard to misread: 50 random bits, told apart by the first few."""
    bits = secrets.randbits(50)
    return "".join(_ALPHABET[bits >> place & 31] for place in range(0, 50, 5))
