"""A person's word that something unsafe is wanted, on this machine and by this user, in a form that settings can hold.

It is a digest of what was agreed to with the machine's id, so that it cannot be written by whoever only knows how settings look:
a model that may write files of its workspace, a settings file that came with a project or from another machine, a default. The
id lies outside of every workspace and of every sandbox. Who runs as the user outside of one can make it, and needs no settings to
do harm.
"""

import hashlib
import hmac
import os
from pathlib import Path
from typing import Final

FILES: Final = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
"""The first that holds one counts; see machine-id(5), which asks for a digest wherever it is used."""
_BEGINS: Final = "agreed-"


class NoMachineId(Exception):
    def __str__(self) -> str:
        return (
            f"this machine has no id in {FILES[0]}, so nothing can be agreed to for this machine alone;"
            " `systemd-machine-id-setup` makes one."
        )


def confirmation(subject: str) -> str:
    """For `subject`, the full name of a setting. Raises NoMachineId."""
    text = f"trivet\0{subject}\0{os.getuid()}"
    return _BEGINS + hmac.new(_machine_id().encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def is_confirmed(subject: str, value: object) -> bool:
    """Whether the value is the confirmation that this machine's user gave for just this subject."""
    if not isinstance(value, str) or not value.startswith(_BEGINS):
        return False
    try:
        return hmac.compare_digest(value.encode(), confirmation(subject).encode())
    except NoMachineId:
        return False


def _machine_id() -> str:
    for file in FILES:
        try:
            found = file.read_text().strip()
        except (OSError, UnicodeDecodeError):
            continue
        if len(found) == 32:
            return found
    raise NoMachineId
