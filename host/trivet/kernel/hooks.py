"""Hook implementations, called one by one: guarded, timed, and each with its plugin's name.

pluggy finds and validates them; its own multicall is not used, because it throws every result away as soon as one
implementation raises.
"""

import inspect
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from time import perf_counter
from typing import Any

import pluggy

from trivet.kernel.timings import Timing, Timings
from trivet.kernel.watchdog import Entered, within
from trivet_sdk import hooks as specifications
from trivet_sdk.context import PluginContext
from trivet_sdk.contributions import Contributions
from trivet_sdk.errors import PluginError
from trivet_sdk.events import Event
from trivet_sdk.tool import ToolCall


class _Instance:
    """The hooks of a plugin that runs under another name, too: pluggy takes an object only once."""

    def __init__(self, plugin: object) -> None:
        for name in dir(plugin):
            implementation = getattr(plugin, name, None)
            if hasattr(implementation, f"{specifications.PROJECT}_impl"):
                setattr(self, name, implementation)


class Hooks:
    """`failed(plugin, sentence)` is told about every implementation that raises or returns nonsense."""

    def __init__(self, failed: Callable[[str, str], None]) -> None:
        self._manager = pluggy.PluginManager(specifications.PROJECT)
        self._manager.add_hookspecs(specifications)
        self._failed = failed
        self.timings = Timings()
        self._called: dict[str, list[tuple[pluggy.HookImpl, Timing, Entered]]] = {}

    def register(self, id: str, plugin: object) -> None:
        """Raises PluginError, naming the hook, if an implementation cannot be used."""
        self._called.clear()
        if self._manager.is_registered(plugin):
            plugin = _Instance(plugin)
        try:
            self._manager.register(plugin, name=id)
        except pluggy.PluginValidationError as error:
            raise PluginError(id, f"has an unusable hook: {_first_line(error)}") from None
        try:
            self._check(id, plugin)
        except PluginError:
            self.unregister(id)
            raise

    def unregister(self, id: str) -> None:
        self._called.clear()
        if self._manager.get_plugin(id) is not None:
            self._manager.unregister(name=id)

    def activate(self, id: str, context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
        """Raises PluginError if the plugin has no usable `activate`, and whatever that raises."""
        implementation = self._own(id, "activate")
        if implementation is None:
            raise PluginError(id, "implements no 'activate'. Mark it with @hookimpl.")
        entered = Entered(id, "hook 'activate'")
        manager = within(entered, implementation.function, *[context for _ in implementation.argnames])
        if not isinstance(manager, AbstractAsyncContextManager):
            raise PluginError(
                id, f"returned {type(manager).__name__} from 'activate' instead of an async context manager"
            )
        return manager

    def veto(self, call: ToolCall) -> str | None:
        """The first reason against the call. A hook that fails has not agreed: its failure is a reason, too."""
        for implementation, timing, entered in self._implementations("veto_tool_call"):
            reason, error = self._call(implementation, timing, entered, "veto_tool_call", call)
            if error is None and not (reason is None or isinstance(reason, str)):
                error = self._wrong(
                    implementation, "veto_tool_call", f"returned {type(reason).__name__} instead of a sentence"
                )
            if error is not None:
                return f"plugin '{implementation.plugin_name}' could not judge it: {error}"
            if reason:
                return str(reason)
        return None

    def redact(self, event: Event) -> Event | None:
        """The event as it may leave, or None where a redaction failed: rather nothing than a secret."""
        for implementation, timing, entered in self._implementations("redact"):
            redacted, error = self._call(implementation, timing, entered, "redact", event)
            if error is None and not isinstance(redacted, Event):
                error = self._wrong(implementation, "redact", f"returned {type(redacted).__name__} instead of an event")
            if error is not None:
                return None
            event = redacted
        return event

    def _implementations(self, hook: str) -> list[tuple[pluggy.HookImpl, Timing, Entered]]:
        known = self._called.get(hook)
        if known is None:
            found = getattr(self._manager.hook, hook).get_hookimpls()
            known = self._called[hook] = [
                (each, self.timings[each.plugin_name, hook], Entered(each.plugin_name, f"hook '{hook}'"))
                for each in found
            ]
        return known

    def _call(
        self, implementation: pluggy.HookImpl, timing: Timing, entered: Entered, hook: str, argument: object
    ) -> tuple[Any, str | None]:
        """`entered` is for the watchdog, which finds it on the stack."""
        begun = perf_counter()
        # Foreign code: whatever it raises stays with its plugin.
        try:
            value = implementation.function(argument) if implementation.argnames else implementation.function()
        except BaseException as error:  # also SystemExit: it is the plugin's, and none of the host's
            return None, self._wrong(implementation, hook, f"raised {type(error).__name__}: {_first_line(error)}")
        finally:
            timing.add(perf_counter() - begun)
        return value, None

    def _wrong(self, implementation: pluggy.HookImpl, hook: str, what: str) -> str:
        self.timings[implementation.plugin_name, hook].failures += 1
        self._failed(implementation.plugin_name, f"hook '{hook}' {what}")
        return what

    def _own(self, id: str, hook: str) -> pluggy.HookImpl | None:
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        return next((each for each in implementations if each.plugin_name == id), None)

    def _check(self, id: str, plugin: object) -> None:
        known = {
            name for name, value in vars(specifications).items() if hasattr(value, f"{specifications.PROJECT}_spec")
        }
        for caller in self._manager.get_hookcallers(plugin) or ():
            if caller.name not in known:
                raise PluginError(
                    id, f"implements '{caller.name}', which is no hook. There is: {', '.join(sorted(known))}."
                )
            implementation = self._own(id, caller.name)
            if implementation is None:
                continue
            if implementation.wrapper or implementation.hookwrapper:
                raise PluginError(id, f"implements hook '{caller.name}' as a wrapper, which this host does not call")
            if inspect.iscoroutinefunction(implementation.function):
                cure = (
                    "Hooks are synchronous: return an async context manager."
                    if caller.name == "activate"
                    else "Hooks are synchronous."
                )
                raise PluginError(
                    id, f"implements hook '{caller.name}' as an async def, which nobody would await. {cure}"
                )
            if inspect.isasyncgenfunction(implementation.function):
                raise PluginError(
                    id,
                    f"implements hook '{caller.name}' as a bare async generator. Decorate it with @asynccontextmanager.",
                )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["(no message)"])[0]
