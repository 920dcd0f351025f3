"""Messages as files, one each, in the format of RFC 5322; those that were read have the header `Status: RO`."""

import email
import re
from email.message import EmailMessage
from email.policy import default

from trivet_sdk import ToolContext, ToolResult, result, tool
from trivet_sdk.formats import Span

FOLDER = "mail"


def _messages(ctx: ToolContext) -> list[EmailMessage]:
    found = []
    for name in sorted(ctx.workspace.files(FOLDER)):
        if name.endswith(".eml"):
            with ctx.workspace.reading(name) as file:
                found.append(email.message_from_binary_file(file, policy=default))
    return found


def _listed(messages: list[EmailMessage]) -> ToolResult:
    rows = [
        {"from": str(m["From"]), "subject": str(m["Subject"]), "date": str(m["Date"]), "text": m.get_content().strip()}
        for m in messages
    ]
    text = "\n".join(f"{row['from']}: {row['subject']}. {row['text']}" for row in rows) or "no message"
    return result(text, {"count": len(rows), "messages": rows})


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


@tool(effect="pure")
def from_sender(sender: Span, ctx: ToolContext) -> ToolResult:
    """List the messages of a sender.

    Args:
        sender: Name or address, or a part of it.
    """
    return _listed([m for m in _messages(ctx) if _words(sender) <= _words(str(m["From"]))])


@tool(effect="pure")
def about(words: Span, ctx: ToolContext) -> ToolResult:
    """Find messages with certain words in subject or text.

    Args:
        words: All of them must occur.
    """
    return _listed([m for m in _messages(ctx) if _words(words) <= _words(f"{m['Subject']} {m.get_content()}")])


@tool(effect="pure")
def unread(ctx: ToolContext) -> ToolResult:
    """Count and list the messages that were not read yet."""
    found = [m for m in _messages(ctx) if "R" not in str(m["Status"] or "")]
    subjects = [f"{m['From']}: {m['Subject']}" for m in found]
    return result(f"{len(found)} unread: {'; '.join(subjects)}", {"count": len(found), "subjects": subjects})


@tool(effect="idempotent")
def draft(to: Span, text: Span, ctx: ToolContext) -> ToolResult:
    """Write a draft of a message to somebody.

    Args:
        to: The name or address of who gets it.
        text: What it says.
    """
    message = EmailMessage()
    message["To"], message["Subject"] = to, text[:40]
    message.set_content(text)
    name = ctx.workspace.write(
        f"drafts/{re.sub(r'[^a-z0-9]+', '-', to.casefold()).strip('-') or 'draft'}.eml", bytes(message)
    )
    return result(f"a draft to {to} is in {name}", {"path": name}, artifacts=(name,))
