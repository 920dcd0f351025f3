"""People as vCards (RFC 6350)."""

import re

from trivet_sdk import ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import Span

FILE = "contacts.vcf"


def _people(ctx: ToolContext) -> list[dict[str, str]]:
    with ctx.workspace.reading(FILE) as file:
        text = file.read().decode()
    people = []
    for card in re.findall(r"BEGIN:VCARD(.*?)END:VCARD", text, re.DOTALL):
        lines = [line.partition(":") for line in card.strip().splitlines()]
        people.append({key.partition(";")[0]: value.strip() for key, _, value in lines})
    return people


def _person(ctx: ToolContext, name: str) -> dict[str, str]:
    words = set(re.findall(r"\w+", name.casefold().removesuffix("'s").removesuffix("’s")))
    found = [person for person in _people(ctx) if words and words <= set(re.findall(r"\w+", person["FN"].casefold()))]
    if len(found) != 1:
        raise ToolError(f"'{name}' is {'several people' if found else 'nobody'} among the contacts")
    return found[0]


@tool(effect="pure")
def phone(name: Span, ctx: ToolContext) -> ToolResult:
    """Tell a person's phone number.

    Args:
        name: First or full name.
    """
    person = _person(ctx, name)
    return result(f"{person['FN']}: {person['TEL']}", {"name": person["FN"], "phone": person["TEL"]})


@tool(effect="pure")
def birthday(name: Span, ctx: ToolContext) -> ToolResult:
    """Tell a person's birthday.

    Args:
        name: First or full name.
    """
    person = _person(ctx, name)
    return result(f"{person['FN']}: {person['BDAY']}", {"name": person["FN"], "date": person["BDAY"]})


@tool(effect="pure")
def email(name: Span, ctx: ToolContext) -> ToolResult:
    """Tell a person's e-mail address.

    Args:
        name: First or full name.
    """
    person = _person(ctx, name)
    return result(f"{person['FN']}: {person['EMAIL']}", {"name": person["FN"], "email": person["EMAIL"]})


@tool(effect="pure")
def in_town(town: Span, ctx: ToolContext) -> ToolResult:
    """List the people who live in a town.

    Args:
        town: Its name.
    """
    names = [person["FN"] for person in _people(ctx) if person["ADR"].casefold() == town.strip().casefold()]
    return result(", ".join(names) or f"nobody in {town}", {"names": names, "count": len(names)})
