"""Which permissions of a manifest something holds a plugin to, and which are its promise: pure."""

from typing import Literal, TypeAlias

import msgspec

from trivet_sdk.manifest import Isolation, Permissions

Force: TypeAlias = Literal["enforced", "advisory"]


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    what: str
    value: str
    force: Force


def marked(permissions: Permissions, isolation: Isolation, *, is_sandboxed: bool = False) -> tuple[Permission, ...]:
    """In trivet's own process nothing can be enforced. A worker is given no secret but those that its manifest names; while
    it runs in no sandbox, all else is its promise there, too (`is_sandboxed`: then files, programs and that there is no
    network are enforced; a list of hosts never is)."""
    named: Force = "advisory" if isolation == "inprocess" else "enforced"
    apart: Force = named if is_sandboxed else "advisory"
    return (
        Permission(
            what="network",
            value=", ".join(permissions.network) or "none",
            force="advisory" if permissions.network else apart,
        ),
        Permission(what="files", value=", ".join(permissions.files) or "none", force=apart),
        Permission(what="subprocess", value="yes" if permissions.subprocess else "no", force=apart),
        Permission(what="secrets", value=", ".join(permissions.secrets) or "none", force=named),
    )
