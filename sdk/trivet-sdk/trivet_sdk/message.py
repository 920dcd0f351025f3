"""Messages to and from a model: a role and typed parts."""

from typing import Literal, TypeAlias

import msgspec

from .plan import Json


class Text(msgspec.Struct, frozen=True, tag="text"):
    """Words, by whoever has the message's role."""

    text: str


class Image(msgspec.Struct, frozen=True, tag="image", kw_only=True):
    """A picture, by content hash in the blob store or by its bytes."""

    media_type: str
    blob: str = ""
    content: bytes = b""


class ToolUse(msgspec.Struct, frozen=True, tag="tool_use", kw_only=True):
    """The model asks for a call, in an assistant's message."""

    id: str
    """The endpoint's id of this call, unique in the run; its answer bears it, too."""
    tool: str
    arguments: dict[str, Json]


class ToolAnswer(msgspec.Struct, frozen=True, tag="tool_answer", kw_only=True):
    """What came back from the call with this id, as text for the model; in a tool's message, before anybody else speaks."""

    id: str
    text: str
    is_error: bool = False


Part: TypeAlias = Text | Image | ToolUse | ToolAnswer
Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


class Message(msgspec.Struct, frozen=True):
    """Immutable, so a backend may encode it once and keep the bytes by identity.

    A `tool` message holds ToolAnswers only, an `assistant` one Texts and ToolUses. Neighbours may have the same role: a
    backend whose template wants turns to alternate joins them.
    """

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The text parts together; calls, answers and pictures left out."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


def system(text: str) -> Message:
    return Message("system", (Text(text),))


def user(text: str) -> Message:
    return Message("user", (Text(text),))


def assistant(text: str) -> Message:
    return Message("assistant", (Text(text),))
