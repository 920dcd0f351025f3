"""Tools in a worker."""

from collections.abc import Mapping
from typing import Any

import anyio

from trivet.kernel.workers.line import Line
from trivet_sdk.plan import Json
from trivet_sdk.tool import ToolContext, ToolResult
from trivet_sdk.worker.requests import OfferedTool, Reconcile, ToolRequest


class WorkerTool:
    """Fulfils `Tool`; `reconcile` is there if the plugin's tool has it."""

    def __init__(self, line: Line, offered: OfferedTool, *, has_secrets: bool) -> None:
        self.spec = offered.spec
        self._line = line
        self._handle = offered.handle
        self._has_secrets = has_secrets
        self._name = f"{line.plugin}.{offered.spec.name.removeprefix(f'{line.plugin}.')}"
        if offered.can_reconcile:
            self.reconcile = self._reconcile

    async def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        if self._line.showing is None:
            return await self._call(arguments, ctx)
        async with self._line.showing.shown(ctx.workspace):
            return await self._call(arguments, ctx)

    async def _call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        with self._line.relays.opened(ctx) as relay:
            request = ToolRequest(
                self._handle,
                relay,
                dict(arguments),
                ctx.run,
                ctx.step,
                ctx.key,
                None if ctx.deadline is None else ctx.deadline - anyio.current_time(),
                str(ctx.workspace.root),
                {name: str(path) for name, path in ctx.workspace.attachments.items()},
                dict(ctx.secrets) if self._has_secrets else {},
                ctx.workspace.sources,
                ctx.workspace.origins,
                ctx.typed_origins,
            )
            answer: ToolResult = await self._line.request(
                "tool.call", request, ToolResult, doing=self._name, patience=self._line.tool_patience
            )
            return answer

    async def _reconcile(self, key: str) -> ToolResult | None:
        request = Reconcile(self._handle, key)
        found: Any = await self._line.request("tool.reconcile", request, ToolResult | None, doing=self._name)
        return found  # type: ignore[no-any-return]
