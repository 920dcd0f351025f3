"""Messages as the tokens of a prompt."""

import json
import re
from collections.abc import Sequence
from typing import Any

from trivet_llamacpp.engine import Engine
from trivet_sdk import Message, ModelError, Text, ToolAnswer, ToolUse, UnsupportedRequest

_PRIVATE_USE = range(0xE000, 0xF8FF)


class PromptWriter:
    """Renders by the model's own chat template.

    Control tokens that occur in a message, like `<|im_end|>`, are read as the characters they are written with: nobody
    ends a turn from inside.
    """

    def __init__(self, model: str, engine: Engine, controls: Sequence[str]) -> None:
        self._model, self._engine, self._controls = model, engine, controls

    def write(self, messages: Sequence[Message], *, raw: bool = False) -> list[int]:
        """The prompt's tokens. A last message of the assistant is left open, to be continued.

        `raw`: the messages' texts one after another as they are, control tokens and all.
        Raises UnsupportedRequest for parts that are no text, ModelError if the template refuses the messages.
        """
        turns = [{"role": _role(message), "content": self._content(message)} for message in messages]
        if raw:
            return self._engine.tokens("".join(turn["content"] for turn in turns), start=False, controls=True)
        hidden = self._hidden("".join(turn["content"] for turn in turns))
        for sign, control in hidden.items():
            turns = [{**turn, "content": turn["content"].replace(control, sign)} for turn in turns]
        try:
            text = self._engine.template(turns)
        except ValueError as error:
            raise ModelError(self._model, f"has a chat template that refuses these messages: {error}") from error
        tokens: list[int] = []
        for piece in re.split(f"([{''.join(hidden)}])", text) if hidden else [text]:
            if piece:
                is_control = piece in hidden
                literal = hidden.get(piece, piece)
                tokens += self._engine.tokens(literal, start=not tokens, controls=not is_control)
        return tokens

    def _content(self, message: Message) -> str:
        return "".join(self._text_of(part) for part in message.parts)

    def _text_of(self, part: Any) -> str:
        match part:
            case Text(text) | ToolAnswer(text=text):
                return str(text)
            case ToolUse():
                return json.dumps({"tool": part.tool, "arguments": part.arguments}, ensure_ascii=False)
            case _:
                raise UnsupportedRequest(self._model, "reads text only, and the messages contain an image.")

    def _hidden(self, everything: str) -> dict[str, str]:
        """A character that occurs nowhere, for each control token that stands in a message."""
        present = [control for control in self._controls if control in everything]
        free = (sign for code in _PRIVATE_USE if (sign := chr(code)) not in everything)
        return dict(zip(free, present, strict=False))


def _role(message: Message) -> str:
    """Templates of small models know three roles; an answer of a tool is something the user says."""
    return "user" if message.role == "tool" else message.role
