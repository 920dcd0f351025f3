"""Every subscriber reads at its own pace, and is told what it missed."""

from typing import ClassVar

import anyio
import pytest

from trivet.kernel.bus import HISTORY, Bus, Overflow, Subscription
from trivet_sdk.events import Event

pytestmark = pytest.mark.anyio


class Ticked(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "clock.ticked"
    number: int


class Rang(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "bell.rang"
    number: int


async def numbers(bus: Bus, count: int, *, bound: int, policy: Overflow) -> tuple[list[int], int]:
    """What a subscriber gets that looks only after `count` events, and how many it missed."""
    with bus.subscribe("clock.*", bound=bound, policy=policy) as events:
        for number in range(count):
            bus.emit(Ticked(number=number))
        events.close()
        seen = [event.number async for event in events if isinstance(event, Ticked)]
        return seen, events.missed


async def test_events_arrive_in_order() -> None:
    assert await numbers(Bus(), 5, bound=10, policy="drop_oldest") == ([0, 1, 2, 3, 4], 0)


async def test_slow_subscriber_loses_the_oldest_and_knows_how_many() -> None:
    assert await numbers(Bus(), 500, bound=3, policy="drop_oldest") == ([497, 498, 499], 497)


async def test_coalescing_subscriber_gets_the_newest_of_each_topic() -> None:
    bus = Bus()
    with bus.subscribe("*", bound=2, policy="coalesce") as events:
        for number in range(4):
            bus.emit(Ticked(number=number))
            bus.emit(Rang(number=number))
        events.close()
        assert [event async for event in events] == [Ticked(number=3), Rang(number=3)]
        assert events.missed == 6


async def test_disconnected_subscriber_ends() -> None:
    assert await numbers(Bus(), 10, bound=3, policy="disconnect") == ([], 10)


async def test_publisher_waits_for_a_blocking_subscriber() -> None:
    bus = Bus()
    seen: list[Event] = []
    with anyio.fail_after(5):
        with bus.subscribe("*", bound=1, policy="block", deadline=5) as events:

            async def read() -> None:
                async for event in events:
                    await anyio.lowlevel.checkpoint()
                    seen.append(event)

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(read)
                for number in range(20):
                    await bus.publish(Ticked(number=number))
                events.close()
    assert seen == [Ticked(number=number) for number in range(20)]
    assert events.missed == 0


async def test_every_publisher_that_waits_gets_its_turn() -> None:
    bus = Bus()
    seen: list[int] = []
    with anyio.fail_after(5):
        with bus.subscribe("*", bound=1, policy="block", deadline=60) as events:

            async def publish(first: int) -> None:
                for number in range(first, first + 5):
                    await bus.publish(Ticked(number=number))

            async with anyio.create_task_group() as tasks:
                for first in (0, 100, 200):
                    tasks.start_soon(publish, first)
                async for event in events:
                    assert isinstance(event, Ticked)
                    seen.append(event.number)
                    await anyio.lowlevel.checkpoint()
                    if len(seen) == 15:
                        break
    assert sorted(seen) == [*range(5), *range(100, 105), *range(200, 205)]
    assert [number for number in seen if number >= 200] == [*range(200, 205)]


async def test_blocking_subscriber_that_sleeps_misses_events_after_its_deadline() -> None:
    bus = Bus()
    with anyio.fail_after(5):
        with bus.subscribe("*", bound=1, policy="block", deadline=0.01) as events:
            for number in range(3):
                await bus.publish(Ticked(number=number))
            events.close()
            assert [event async for event in events] == [Ticked(number=2)]
            assert events.missed == 2


async def test_patterns_choose_topics() -> None:
    bus = Bus()
    with bus.subscribe("bell.*") as bells, bus.subscribe("*") as all_events:
        bus.emit(Ticked(number=1))
        bus.emit(Rang(number=2))
        bells.close()
        all_events.close()
        assert [event async for event in bells] == [Rang(number=2)]
        assert [event async for event in all_events] == [Ticked(number=1), Rang(number=2)]


async def test_any_thread_may_emit() -> None:
    bus = Bus()
    with anyio.fail_after(5):
        with bus.subscribe("*") as events:
            await anyio.to_thread.run_sync(bus.emit, Ticked(number=7))
            assert await anext(aiter(events)) == Ticked(number=7)


class TickedAnew(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "clock.ticked"
    version: ClassVar[int] = 2
    at: float


class Typed(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "model.delta"
    is_transient: ClassVar[bool] = True
    text: str


async def heard(events: Subscription) -> list[Event]:
    """What is pending, without waiting for more."""
    events.close()
    return [event async for event in events]


async def test_pattern_with_a_version_takes_only_that_version() -> None:
    bus = Bus()
    with bus.subscribe("clock.ticked@1") as first, bus.subscribe("*@2") as second, bus.subscribe("clock.*") as both:
        bus.emit(Ticked(number=1))
        bus.emit(TickedAnew(at=2.0))
        assert await heard(first) == [Ticked(number=1)]
        assert await heard(second) == [TickedAnew(at=2.0)]
        assert await heard(both) == [Ticked(number=1), TickedAnew(at=2.0)]


async def test_late_subscriber_is_told_what_happened_since_its_position() -> None:
    bus = Bus()
    bus.emit(Ticked(number=0))
    since = bus.position
    bus.emit(Rang(number=1))
    bus.emit(Typed(text="transient"))
    bus.emit(Ticked(number=2))
    with bus.subscribe("clock.*", since=since) as clock, bus.subscribe("*", since=0) as everything:
        bus.emit(Ticked(number=3))
        assert not clock.has_gap
        assert await heard(clock) == [Ticked(number=2), Ticked(number=3)]
        assert await heard(everything) == [Ticked(number=0), Rang(number=1), Ticked(number=2), Ticked(number=3)]


async def test_subscriber_that_was_cut_off_goes_on_where_it_was() -> None:
    bus = Bus()
    with bus.subscribe("clock.*", bound=3, policy="disconnect") as events:
        bus.emit(Ticked(number=0))
        bus.emit(Rang(number=1))
        bus.emit(Ticked(number=2))
        iterator = aiter(events)
        assert await anext(iterator) == Ticked(number=0)
        assert events.position == 1
        assert await anext(iterator) == Ticked(number=2)
        for number in range(3, 8):
            bus.emit(Ticked(number=number))
        with pytest.raises(StopAsyncIteration):
            await anext(iterator)
        assert (events.missed, events.is_open) == (5, False)
    with bus.subscribe("clock.*", since=events.position) as again:
        assert await heard(again) == [Ticked(number=number) for number in range(3, 8)]
        assert not again.has_gap


async def test_position_is_known_before_during_and_after_a_replay() -> None:
    bus = Bus()
    for number in range(3):
        bus.emit(Ticked(number=number))
    with bus.subscribe("*", since=1) as events:
        assert (events.position, events.pending) == (1, 2)
        iterator = aiter(events)
        await anext(iterator)
        assert events.position == 2
        await anext(iterator)
        assert (events.position, events.pending) == (3, 0)
        bus.emit(Ticked(number=3))
        await anext(iterator)
        assert events.position == 4


async def test_what_is_forgotten_is_a_gap_and_so_is_the_past_of_another_host() -> None:
    bus = Bus()
    for number in range(HISTORY + 10):
        bus.emit(Ticked(number=number))
    with bus.subscribe("*", since=3, bound=2 * HISTORY) as long_ago, bus.subscribe("*", since=10) as just_enough:
        assert long_ago.has_gap
        assert not just_enough.has_gap
        assert len(await heard(long_ago)) == HISTORY
    with bus.subscribe("*", since=10**9) as elsewhere:
        assert elsewhere.has_gap


async def test_replay_is_bounded_too() -> None:
    bus = Bus()
    for number in range(10):
        bus.emit(Ticked(number=number))
        bus.emit(Rang(number=number))
    with (
        bus.subscribe("clock.*", since=0, bound=3) as oldest,
        bus.subscribe("*", since=0, bound=3, policy="coalesce") as newest,
    ):
        assert oldest.missed == 7
        assert await heard(oldest) == [Ticked(number=7), Ticked(number=8), Ticked(number=9)]
        assert newest.missed == 18
        assert await heard(newest) == [Ticked(number=9), Rang(number=9)]


async def test_host_hears_an_event_before_anyone_else_and_loses_none() -> None:
    told: list[Event] = []
    bus = Bus(told.append)
    assert await numbers(bus, 500, bound=3, policy="drop_oldest") == ([497, 498, 499], 497)
    assert len(told) == 500
