"""Songs as a list of title, artist, album and seconds."""

import json
import re
from typing import Any

from trivet_sdk import ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import Span

FILE = "songs.json"


def _songs(ctx: ToolContext) -> list[dict[str, Any]]:
    with ctx.workspace.reading(FILE) as file:
        found: list[dict[str, Any]] = json.load(file)
    return found


def _of_artist(ctx: ToolContext, artist: str) -> list[dict[str, Any]]:
    songs = _songs(ctx)
    found = [song for song in songs if song["artist"].casefold() == artist.strip().casefold()]
    if not found:
        raise ToolError(f"there is no song by '{artist}'. There are: {', '.join(sorted({s['artist'] for s in songs}))}")
    return found


@tool(effect="pure")
def by_artist(artist: Span, ctx: ToolContext) -> ToolResult:
    """List the songs of an artist.

    Args:
        artist: Name of the singer or band.
    """
    songs = _of_artist(ctx, artist)
    return result(", ".join(song["title"] for song in songs), {"songs": songs, "count": len(songs)})


@tool(effect="pure")
def song(title: Span, ctx: ToolContext) -> ToolResult:
    """Tell artist, album and length of a song.

    Args:
        title: Its title.
    """
    found = [each for each in _songs(ctx) if each["title"].casefold() == title.strip().casefold()]
    if not found:
        raise ToolError(f"there is no song '{title}'")
    each = found[0]
    return result(f"{each['title']} by {each['artist']}, from {each['album']}, {each['seconds']} seconds", each)


@tool(effect="idempotent")
def playlist(name: Span, artist: Span, ctx: ToolContext) -> ToolResult:
    """Save the songs of an artist as a playlist.

    Args:
        name: What the playlist is called.
        artist: Whose songs.
    """
    songs = _of_artist(ctx, artist)
    path = "playlists/" + re.sub(r"[^\w -]", "", name) + ".m3u"
    lines = [
        "#EXTM3U",
        *(f"#EXTINF:{each['seconds']},{each['artist']} - {each['title']}\n{each['title']}.mp3" for each in songs),
    ]
    written = ctx.workspace.write(path, "\n".join(lines).encode())
    return result(f"{len(songs)} songs in {written}", {"path": written, "count": len(songs)}, artifacts=(written,))
