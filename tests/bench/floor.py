"""The reference: no framework, the loop written by hand over aiohttp; the whole history is encoded anew at each turn."""

import asyncio
import json
from typing import Any

import aiohttp

from tests.bench import body

ADD = {
    "type": "function",
    "function": {
        "name": "bench-add",
        "description": "Add two integers.",
        "parameters": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
    },
}


class Floor:
    def __init__(self, base_url: str, model: str, kind: str) -> None:
        self._url, self._model, self._kind = f"{base_url}/chat/completions", model, kind
        self._session: aiohttp.ClientSession | None = None

    async def run(self) -> str:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        messages: list[Any] = [{"role": "system", "content": body.SYSTEM}, {"role": "user", "content": body.PROMPT}]
        while True:
            request = json.dumps({"model": self._model, "messages": messages, "tools": [ADD]}).encode()
            headers = {"content-type": "application/json"}
            async with self._session.post(self._url, data=request, headers=headers) as response:
                message = json.loads(await response.read())["choices"][0]["message"]
            calls = message.get("tool_calls")
            if not calls:
                return str(message["content"])
            messages.append(message)
            values = await asyncio.gather(*(self._call(json.loads(call["function"]["arguments"])) for call in calls))
            for call, value in zip(calls, values, strict=True):
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": str(value)})

    async def _call(self, arguments: dict[str, int]) -> int:
        if self._kind == "sync":
            return await asyncio.to_thread(body.hook, **arguments)
        return await body.ahook(**arguments)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def make(variant: str, base_url: str, model: str, kind: str) -> Floor:
    return Floor(base_url, model, kind)
