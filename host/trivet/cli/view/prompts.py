"""What models were told and what they said, whole, out of the journal."""

import json
from collections.abc import Iterator

from trivet_sdk import events as happened
from trivet_sdk.events import Record
from trivet_sdk.message import Image, Message, Text, ToolAnswer, ToolUse


class Prompts:
    """Fed a run's records in order. The journal keeps of each prompt what is new in it; here it is put together again."""

    def __init__(self) -> None:
        self._whole: dict[str, tuple[Message, ...]] = {}

    def lines(self, record: Record) -> Iterator[str]:
        match record.event:
            case happened.ModelCalled() as called:
                messages = self._messages(called)
                yield f"prompt {called.call}, to model '{called.model}'"
                for message in messages:
                    yield f"  [{message.role}]"
                    yield from _indented("\n".join(_part(part) for part in message.parts))
            case happened.ModelReturned() as returned:
                spent = (
                    f"{returned.prompt_tokens} tokens in, {returned.completion_tokens} out, {returned.seconds:.2f} s"
                )
                yield f"completion {returned.call}, {spent}{f', {returned.finish}' if returned.finish else ''}"
                yield from _indented(returned.text)
                for call in returned.tool_calls:
                    yield from _indented(json.dumps(call, ensure_ascii=False))
                if returned.error:
                    yield from _indented(f"failed: {returned.error}")
            case _:
                return

    def _messages(self, called: happened.ModelCalled) -> tuple[Message, ...]:
        before: tuple[Message, ...] = ()
        match called.options.get("continues"):
            case {"call": str(call), "messages": int(count)}:
                before = self._whole.get(call, ())[:count]
            case _:
                pass
        whole = self._whole[called.call] = (*before, *called.messages)
        return whole


def _part(part: Text | Image | ToolUse | ToolAnswer) -> str:
    match part:
        case Text(text=text):
            return text
        case Image(media_type=media_type):
            return f"(a picture, {media_type})"
        case ToolUse(tool=tool, arguments=arguments):
            return f"{tool} {json.dumps(arguments, ensure_ascii=False)}"
        case ToolAnswer(text=text, is_error=is_error):
            return f"{'failed: ' if is_error else ''}{text}"


def _indented(text: str) -> Iterator[str]:
    for line in text.split("\n") if text else ():
        yield f"    {line}"
