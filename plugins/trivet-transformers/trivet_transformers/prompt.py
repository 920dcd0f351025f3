"""Messages as the tokens of a prompt."""

import json
import re
from collections.abc import Sequence
from typing import Any

from trivet_sdk import Message, ModelError, Text, ToolAnswer, ToolUse, UnsupportedRequest

_PRIVATE_USE = range(0xE000, 0xF8FF)


class PromptWriter:
    """Renders by the tokenizer's chat template; without one, as paragraphs.

    Control tokens that occur in a message, like `<|im_end|>`, are read as the characters they are written with: nobody
    ends a turn from inside.
    """

    def __init__(self, model: str, tokenizer: Any) -> None:
        self._model, self._tokenizer = model, tokenizer
        controls = sorted(filter(None, tokenizer.all_special_tokens), key=len, reverse=True)
        controls += [token for token in tokenizer.get_added_vocab() if token not in controls]
        self._controls = tuple(controls)

    def write(self, messages: Sequence[Message], *, raw: bool = False) -> list[int]:
        """The prompt's tokens. A last message of the assistant is left open, to be continued.

        `raw`: the messages' texts one after another as they are, control tokens and all.
        Raises UnsupportedRequest for parts that are no text, ModelError if the template refuses the messages.
        """
        turns = [{"role": _role(message), "content": self._content(message)} for message in messages]
        if raw:
            return self._encode("".join(turn["content"] for turn in turns))
        turns, hidden = self._hide_controls(turns)
        text = self._render(turns)
        if not hidden:
            return self._encode(text)
        tokens: list[int] = []
        for piece in re.split(f"([{''.join(hidden)}])", text):
            tokens += self._encode(hidden[piece], as_characters=True) if piece in hidden else self._encode(piece)
        return tokens

    def _render(self, turns: list[dict[str, str]]) -> str:
        if not self._tokenizer.chat_template:
            return "\n\n".join(turn["content"] for turn in turns)
        is_open = bool(turns) and turns[-1]["role"] == "assistant"
        try:
            return str(
                self._tokenizer.apply_chat_template(
                    turns, tokenize=False, add_generation_prompt=not is_open, continue_final_message=is_open
                )
            )
        except Exception as error:  # a template is foreign code, and refuses by raising whatever it likes
            raise ModelError(self._model, f"has a chat template that refuses these messages: {error}") from error

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

    def _hide_controls(self, turns: list[dict[str, str]]) -> tuple[list[dict[str, str]], dict[str, str]]:
        """The turns with each control token's literal replaced by one character that occurs nowhere, and what it hides."""
        everything = "".join(turn["content"] for turn in turns)
        present = [control for control in self._controls if control in everything]
        if not present:
            return turns, {}
        free = (sign for code in _PRIVATE_USE if (sign := chr(code)) not in everything)
        hidden = dict(zip(free, present, strict=False))
        for sign, control in hidden.items():
            turns = [{**turn, "content": turn["content"].replace(control, sign)} for turn in turns]
        return turns, hidden

    def _encode(self, text: str, *, as_characters: bool = False) -> list[int]:
        encoder = self._tokenizer.backend_tokenizer
        encoder.encode_special_tokens = as_characters
        try:
            return list(encoder.encode(text, add_special_tokens=False).ids)
        finally:
            encoder.encode_special_tokens = False


def _role(message: Message) -> str:
    """Templates of small models know three roles; an answer of a tool is something the user says."""
    return "user" if message.role == "tool" else message.role
