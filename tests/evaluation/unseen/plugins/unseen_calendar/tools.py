"""Appointments as iCalendar (RFC 5545) has them: whole days, or a start in local time."""

import re
from datetime import date

from trivet_sdk import ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import Date, Span

FILE = "agenda.ics"


def _events(ctx: ToolContext) -> list[tuple[str, str, str]]:
    """Day (YYYY-MM-DD), time (HH:MM or nothing) and title, in order."""
    with ctx.workspace.reading(FILE) as file:
        text = file.read().decode()
    found = []
    for block in re.findall(r"BEGIN:VEVENT(.*?)END:VEVENT", text, re.DOTALL):
        start = re.search(r"DTSTART[^:]*:(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d))?", block)
        title = re.search(r"SUMMARY:(.*)", block)
        if start and title:
            time = f"{start[4]}:{start[5]}" if start[4] else ""
            found.append((f"{start[1]}-{start[2]}-{start[3]}", time, title[1].strip()))
    return sorted(found)


@tool(effect="pure")
def day(date: Date, ctx: ToolContext) -> ToolResult:
    """Tell the appointments of a day.

    Args:
        date: The day.
    """
    found = [(time, title) for on, time, title in _events(ctx) if on == date]
    text = "; ".join(f"{time} {title}".strip() for time, title in found) or "nothing"
    return result(f"{date}: {text}", {"titles": [title for _, title in found], "count": len(found)})


@tool(effect="pure")
def when(title: Span, ctx: ToolContext) -> ToolResult:
    """Find when an appointment takes place.

    Args:
        title: Words of its title.
    """
    words = set(re.findall(r"\w+", title.casefold()))
    ranked = sorted(_events(ctx), key=lambda e: -len(words & set(re.findall(r"\w+", e[2].casefold()))))
    if not ranked or not words & set(re.findall(r"\w+", ranked[0][2].casefold())):
        raise ToolError(f"there is no appointment '{title}'")
    on, time, name = ranked[0]
    return result(f"{name}: {on} {time}".strip(), {"title": name, "date": on, "time": time})


@tool(effect="idempotent")
def add(title: Span, date: Date, ctx: ToolContext, time: str = "") -> ToolResult:
    """Put an appointment into the calendar.

    Args:
        title: What it is.
        date: On which day.
        time: When it begins, HH:MM; empty for the whole day.
    """
    with ctx.workspace.reading(FILE) as file:
        text = file.read().decode()
    _require_day(date)
    start = (
        f"DTSTART:{date.replace('-', '')}T{time.replace(':', '')}00"
        if time
        else f"DTSTART;VALUE=DATE:{date.replace('-', '')}"
    )
    event = f"BEGIN:VEVENT\nUID:{ctx.key}\n{start}\nSUMMARY:{title}\nEND:VEVENT\n"
    name = ctx.workspace.write(FILE, text.replace("END:VCALENDAR", event + "END:VCALENDAR").encode())
    return result(f"added '{title}' on {date}", {"title": title, "date": date}, artifacts=(name,))


def _require_day(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ToolError(f"'{text}' is no date; write it as YYYY-MM-DD") from None
