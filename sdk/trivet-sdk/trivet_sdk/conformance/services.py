"""Does a service keep its contract?"""

import inspect

import anyio

from ..contributions import Service

_BLOCKED = 1.0
"""Seconds that the event loop may stand still; a busy machine alone stays far below."""


async def check_service(
    service: object, *, name: str = "", seconds: float = 0.5, timeout: float = 30.0
) -> tuple[str, ...]:
    """A sentence for each way in which the service breaks the contract; none if it keeps it.

    It works for `seconds`, is cancelled, and is started again, as after a restart.
    """
    called = f"service '{name or getattr(service, 'name', '') or type(service).__name__}'"
    if not isinstance(service, Service):
        return (f"{called} needs `name`, as its manifest declares it, and `async def run(self)`",)
    name_of: object = service.name
    if not isinstance(name_of, str) or not name_of:
        return (f"{called} has a `name` that is no text; use the one in its manifest",)
    if not inspect.iscoroutinefunction(service.run):
        return (f"{called} has a `run` that is no `async def`; the host awaits it",)
    found: list[str] = []
    for time in ("when it is started", "when it is started a second time"):
        found += await _life_faults(service, time, seconds, timeout)
        if found:
            break
    return tuple(f"{called} {fault}" for fault in dict.fromkeys(found))


async def _life_faults(service: Service, time: str, seconds: float, timeout: float) -> list[str]:
    found: list[str] = []
    ended = anyio.Event()
    cancelling = anyio.CancelScope()

    async def work() -> None:
        try:
            with cancelling:
                await service.run()
                if cancelling.cancel_called:
                    found.append("swallows its cancellation; let it through, so that the host sees it end")
        except Exception as error:  # foreign code: whatever it raises is what is reported
            after = " when it is cancelled" if cancelling.cancel_called else f" {time}"
            found.append(f"raises {type(error).__name__}{after}: {error}")
        finally:
            ended.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)
        longest = await _stood_still(seconds, ended)
        if longest > _BLOCKED:
            found.append(
                f"blocks the event loop for {longest:.1f} seconds; use `anyio.to_thread.run_sync` for work that blocks"
            )
        cancelling.cancel()
        with anyio.move_on_after(timeout) as scope:
            await ended.wait()
        if scope.cancelled_caught:
            found.append(f"does not end within {timeout:g} seconds of its cancellation")
            tasks.cancel_scope.cancel()
    return found


async def _stood_still(seconds: float, ended: anyio.Event) -> float:
    """The longest time in which nothing else could run, watched for `seconds`."""
    longest, begun = 0.0, anyio.current_time()
    while not ended.is_set() and anyio.current_time() - begun < seconds:
        before = anyio.current_time()
        await anyio.sleep(0.01)
        longest = max(longest, anyio.current_time() - before - 0.01)
    return longest
