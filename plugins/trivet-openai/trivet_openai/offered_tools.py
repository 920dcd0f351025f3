"""Tool specs as chat completions have them, encoded once for all runs that offer the same."""

from collections import OrderedDict

import msgspec

from trivet_sdk import ToolSpec
from trivet_sdk.prompting import from_wire, to_wire

CAPACITY = 64
"""Different lists of tools that are kept."""


class OfferedTools:
    """One list of tools: its JSON, and the way back from a name on the wire."""

    def __init__(self, specs: tuple[ToolSpec, ...]) -> None:
        self.specs = specs
        self.json = msgspec.json.encode([_function(spec) for spec in specs])
        self._names = {to_wire(spec.name): spec.name for spec in specs}

    def name(self, wire: str) -> str:
        """The tool's own name, also for a model that wrote it in another way."""
        return self._names.get(wire) or from_wire(wire, self._names.values())


class ToolLists:
    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, ...], OfferedTools] = OrderedDict()

    def offered(self, specs: tuple[ToolSpec, ...]) -> OfferedTools:
        key = tuple(map(id, specs))  # the specs are held by what is kept, so their ids stay theirs
        offered = self._kept.pop(key, None) or OfferedTools(specs)
        self._kept[key] = offered
        if len(self._kept) > CAPACITY:
            self._kept.popitem(last=False)
        return offered


def _function(spec: ToolSpec) -> dict[str, object]:
    description = f"{spec.summary}\n{spec.description}" if spec.description else spec.summary
    return {
        "type": "function",
        "function": {"name": to_wire(spec.name), "description": description, "parameters": spec.parameters},
    }
