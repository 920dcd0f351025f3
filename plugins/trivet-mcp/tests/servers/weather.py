"""A server made with the official SDK; it speaks both eras. `weather.py [stdio|http|sse] [PORT]`."""

import os
import sys
from typing import Annotated, Any

import anyio
from mcp.server.mcpserver import Context, Elicit, ElicitationResult, Image, MCPServer, Resolve
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel

server = MCPServer("weather", log_level="CRITICAL")
calls = 0


class Weather(BaseModel):
    city: str
    degrees: float


class Day(BaseModel):
    day: str


def which_day() -> Elicit[Day]:
    return Elicit("For which day?", Day)


@server.tool(annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False))
def forecast(city: str, days: int = 1) -> Weather:
    """Tell the weather of a city. It guesses."""
    return Weather(city=city, degrees=20.5 + days)


@server.tool(name="天气", annotations=ToolAnnotations(read_only_hint=True))
def tell_in_chinese(城市: str) -> str:
    """告诉某个城市的天气。"""
    return f"{城市}:晴"


@server.tool(annotations=ToolAnnotations(idempotent_hint=True, destructive_hint=False))
def remember(city: str) -> str:
    """Keep a city in mind"""
    return os.environ.get("WEATHER_KEY", "no key")


@server.tool(structured_output=False)
def picture() -> list[Any]:
    """Show the sky"""
    return ["The sky:", Image(data=b"\x89PNG sky", format="png")]


@server.tool()
async def measure(ctx: Context[Any, Any], steps: int) -> str:
    """Measure step by step"""
    for step in range(steps):
        await ctx.report_progress(step + 1, steps, f"step {step + 1}")
    return "measured"


@server.tool()
def fail(why: str) -> str:
    """Fail"""
    raise ToolError(why)


@server.tool()
async def sleep() -> str:
    """Never answer"""
    global calls
    calls += 1
    try:
        await anyio.sleep_forever()
    finally:
        calls -= 1
    return "awake"


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def sleeping() -> int:
    """Tell how many calls are asleep"""
    return calls


@server.tool()
def plan(day: Annotated[ElicitationResult[Day], Resolve(which_day)]) -> str:
    """Plan a trip"""
    return str(day)


@server.tool()
def die() -> str:
    """End at once"""
    print("I am dying", file=sys.stderr, flush=True)
    os._exit(3)


@server.tool()
async def learn(ctx: Context[Any, Any]) -> str:
    """Bring one more tool"""

    def snow(city: str) -> str:
        """Tell the snow"""
        return f"{city}: no snow"

    server.add_tool(snow)
    await ctx.notify_tools_changed()
    if ctx.protocol_version != "2026-07-28":
        await ctx.session.send_tool_list_changed()
    return "learned"


@server.resource("weather://stations", description="All stations")
def stations() -> str:
    return "Graz, Linz"


@server.prompt()
def report(city: str) -> str:
    """A report"""
    return f"Write about {city}."


if __name__ == "__main__":
    transport, port = (*sys.argv[1:], "stdio", "0")[:2]
    if transport == "stdio":
        server.run()
    elif transport == "sse":
        server.run("sse", port=int(port))
    else:
        server.run("streamable-http", port=int(port))
