"""A plugin's hook implementations in a worker, held to the same rules as in the host's process."""

import inspect
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pluggy

from .. import hooks as specifications
from ..context import PluginContext
from ..contributions import Contributions
from ..errors import PluginError
from ..tool import ToolCall


def activated(id: str, plugin: object, context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    """The plugin's life. Raises PluginError if its hooks cannot be used here."""
    found = dict(_implemented(id, plugin))
    if "redact" in found:
        raise PluginError(
            id,
            "implements the hook 'redact', which works in the host's own process only: what is to be kept from leaving "
            'must not be sent to a worker first. Say `isolation = "inprocess"` in its manifest or settings.',
        )
    if "activate" not in found:
        raise PluginError(id, "implements no 'activate'. Mark it with @hookimpl.")
    activate = found["activate"]
    manager = activate.function(*[context for _ in activate.argnames])
    if not isinstance(manager, AbstractAsyncContextManager):
        raise PluginError(id, f"returned {type(manager).__name__} from 'activate' instead of an async context manager")
    return manager


def guards_of(id: str, plugin: object) -> "tuple[HookGuard, ...]":
    """The hook `veto_tool_call` as a guard, since asking a worker takes a moment."""
    found = dict(_implemented(id, plugin))
    return (HookGuard(found["veto_tool_call"]),) if "veto_tool_call" in found else ()


class HookGuard:
    def __init__(self, implementation: pluggy.HookImpl) -> None:
        self._implementation = implementation

    async def veto(self, call: ToolCall) -> str | None:
        reason: Any = self._implementation.function(*[call for _ in self._implementation.argnames])
        return reason  # type: ignore[no-any-return]


def _implemented(id: str, plugin: object) -> Iterator[tuple[str, pluggy.HookImpl]]:
    manager = pluggy.PluginManager(specifications.PROJECT)
    manager.add_hookspecs(specifications)
    try:
        manager.register(plugin, name=id)
    except pluggy.PluginValidationError as error:
        raise PluginError(id, f"has an unusable hook: {str(error).strip().splitlines()[0]}") from None
    known = {name for name, value in vars(specifications).items() if hasattr(value, f"{specifications.PROJECT}_spec")}
    for caller in manager.get_hookcallers(plugin) or ():
        if caller.name not in known:
            raise PluginError(
                id, f"implements '{caller.name}', which is no hook. There is: {', '.join(sorted(known))}."
            )
        for implementation in caller.get_hookimpls():
            _check(id, caller.name, implementation)
            yield caller.name, implementation


def _check(id: str, name: str, implementation: pluggy.HookImpl) -> None:
    if implementation.wrapper or implementation.hookwrapper:
        raise PluginError(id, f"implements hook '{name}' as a wrapper, which this host does not call")
    if inspect.iscoroutinefunction(implementation.function):
        cure = (
            " Hooks are synchronous: return an async context manager."
            if name == "activate"
            else " Hooks are synchronous."
        )
        raise PluginError(id, f"implements hook '{name}' as an async def, which nobody would await.{cure}")
    if inspect.isasyncgenfunction(implementation.function):
        raise PluginError(
            id, f"implements hook '{name}' as a bare async generator. Decorate it with @asynccontextmanager."
        )
