"""The tools of a run, found by full or short name, the built-in ones among them."""

from collections.abc import Iterable

from trivet.errors import nearest
from trivet_sdk.plan import Step
from trivet_sdk.tool import ToolSpec


class Catalogue:
    """A short name works where it is unique; built-in tools have no other."""

    def __init__(self, tools: Iterable[ToolSpec]) -> None:
        self.specs = tuple(tools)
        self._by_name = {spec.name: spec for spec in self.specs}
        self._ambiguous: dict[str, list[str]] = {}
        short: dict[str, list[ToolSpec]] = {}
        for spec in self.specs:
            short.setdefault(spec.name.partition(".")[2] or spec.name, []).append(spec)
        for name, specs in short.items():
            if len(specs) == 1:
                self._by_name.setdefault(name, specs[0])
            elif name not in self._by_name:
                self._ambiguous[name] = [spec.name for spec in specs]

    def find(self, name: str) -> ToolSpec | None:
        return self._by_name.get(name)

    def unknown(self, step: Step) -> str:
        """Why `find` found nothing, as a sentence for the planner."""
        if candidates := self._ambiguous.get(step.tool):
            return (
                f"step {step.id}: the name '{step.tool}' fits several tools: {', '.join(candidates)}. Use the full name"
            )
        return f"step {step.id}: there is no tool '{step.tool}'.{nearest(step.tool, self._by_name)}".rstrip(".")
