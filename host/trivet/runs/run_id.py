"""Names of new runs."""

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """Ten letters and digits that are hard to misread: 50 random bits, told apart by the first few."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))
