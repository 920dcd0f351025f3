"""The tools of planning requests on their way to a worker: runs share few lists, and each travels once."""

import msgspec

from ..tool import ToolSpec


class ToolList(msgspec.Struct, frozen=True, array_like=True):
    """The tools of a request: `specs` None if they are what this slot held before."""

    slot: int
    specs: tuple[ToolSpec, ...] | None = None


class ToolListSender:
    """Decides which slots the receiver fills; both work in the order of the messages."""

    def __init__(self, slots: int = 16) -> None:
        self._slots: list[tuple[ToolSpec, ...] | None] = [None] * slots
        self._next = 0

    def list(self, specs: tuple[ToolSpec, ...]) -> ToolList:
        for slot, held in enumerate(self._slots):
            if held == specs:
                return ToolList(slot)
        slot = self._next
        self._next = (slot + 1) % len(self._slots)
        self._slots[slot] = specs
        return ToolList(slot, specs)

    def clear(self) -> None:
        self._slots = [None] * len(self._slots)


class ToolListReceiver:
    def __init__(self) -> None:
        self._slots: dict[int, tuple[ToolSpec, ...]] = {}

    def specs(self, sent: ToolList) -> tuple[ToolSpec, ...]:
        if sent.specs is not None:
            self._slots[sent.slot] = sent.specs
        return self._slots[sent.slot]
