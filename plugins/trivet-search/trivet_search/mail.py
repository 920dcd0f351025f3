"""E-mail as text: who wrote to whom about what, and what it says. Attachments are named, not read."""

import contextlib
import email
import email.policy
import re
from email.errors import MessageError
from email.message import EmailMessage

from trivet_search.document import Document, Unreadable
from trivet_search.markup import html_document

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_BEGINS = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]*\d{4}[^\r\n]*\r?\n(?=[\w-]+:)")
"""The line above each letter of a mailbox (RFC 4155, appendix A); a header follows."""
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


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


def is_mailbox(content: bytes) -> bool:
    return _BEGINS.match(content) is not None


def mailbox_document(content: bytes) -> Document:
    """All letters of an mbox file under their subjects; the place of each is the line of the file at which it begins."""
    begins = [match.span() for match in _BEGINS.finditer(content)]
    ends = [begin for begin, _ in begins[1:]] + [len(content)]
    texts: list[str] = []
    places: list[int] = []
    headings: dict[int, tuple[int, str]] = {}
    line, counted = 1, 0
    for (begin, head), end in zip(begins, ends, strict=True):
        line, counted = line + content.count(b"\n", counted, begin), begin
        with contextlib.suppress(Unreadable):  # one broken letter costs nothing but itself
            letter = mail_document(_QUOTED.sub(rb"\1", content[head:end]))
            title = letter.headings[0][1] if letter.headings else letter.text.partition("\n")[0]
            headings[len(places)] = (1, title)
            texts.append(letter.text)
            places += [line] * letter.text.count("\n")
    if not texts:
        raise Unreadable("it is no mailbox that can be read: it holds no letter")
    return Document(text="".join(texts), places=tuple(places), headings=headings, is_foreign=True)


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    content = part.get_content()
    text = content if isinstance(content, str) else bytes(content).decode("utf-8", "replace")
    return html_document(text).text if part.get_content_subtype() == "html" else text
