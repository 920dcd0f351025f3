"""E-mail as text: who wrote to whom about what, and what it says. Attachments are named, not read."""

import email
import email.policy
from email.errors import MessageError
from email.message import EmailMessage

from trivet_search.document import Document, Unreadable
from trivet_search.markup import html_document

_HEADERS = ("From", "To", "Cc", "Date", "Subject")


def mail_document(content: bytes) -> Document:
    try:
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        heads = [f"{name}: {' '.join(str(message[name]).split())}" for name in _HEADERS if message[name]]
        body = _body(message)
        names = [" ".join((part.get_filename() or "").split()) for part in message.iter_attachments()]
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise Unreadable(f"it is no e-mail that can be read: {error}") from None
    if not heads:
        raise Unreadable("it is no e-mail: it has no header")
    attached = [f"Attached: {', '.join(filter(None, names))}"] if any(names) else []
    subject = " ".join(str(message["Subject"] or "").split())
    lines = [*([f"{subject}"] if subject else []), *heads, *attached, "", *body.splitlines()]
    text = "".join(f"{line}\n" for line in lines)
    return Document(text=text, headings={0: (1, subject)} if subject else {}, is_foreign=True)


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    content = part.get_content()
    text = content if isinstance(content, str) else bytes(content).decode("utf-8", "replace")
    return html_document(text).text if part.get_content_subtype() == "html" else text
