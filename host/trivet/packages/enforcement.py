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
    """In trivet's own process nothing can be enforced. A worker is given no secret but those that its manifest names; in a
    sandbox it is held to its files, to starting programs or none, to no network, and to the environment that it was given. A
    list of hosts is a promise everywhere, since nothing looks where it connects to."""
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
        Permission(
            what="environment",
            value="all of trivet's" if isolation == "inprocess" else "what programs need, without secrets",
            force=apart,
        ),
        Permission(what="secrets", value=", ".join(permissions.secrets) or "none", force=named),
    )


def explained(permissions: Permissions, isolation: Isolation, reason: str) -> str:
    """What the marks mean for this plugin, as a sentence or two. `reason` says why a worker lives in no sandbox; empty if it
    does."""
    if isolation == "inprocess":
        return "It runs inside trivet's own process: these are its promises, which nothing enforces."
    if reason:
        return (
            "It runs in a process of its own and gets no other secrets; what is advisory is its promise, as it lives in no"
            f" sandbox: {reason.removesuffix('.')}."
        )
    hosts = " Which hosts it connects to is its promise." if permissions.network else ""
    return f"It runs in a process of its own, in a sandbox that holds it to what is enforced.{hosts}"
