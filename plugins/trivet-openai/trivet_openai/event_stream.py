"""Server-sent events, as far as chat completions use them (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

DONE = b"[DONE]"


class EventStream:
    """Bytes in, as they arrive; the data of each complete event out."""

    __slots__ = ("_data", "_rest", "size")

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._data: list[bytes] = []
        self.size = 0
        """Bytes so far."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Data of the events that this chunk completes; a line may be cut anywhere."""
        self.size += len(chunk)
        if b"\n" not in chunk:  # a long line is put together once, when it ends
            self._rest.append(chunk)
            return []
        content = b"".join([*self._rest, chunk])
        lines = content.split(b"\n")
        self._rest = [lines.pop()]
        events: list[bytes] = []
        if b"\r" in content:
            lines = [line.removesuffix(b"\r") for line in lines]
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            elif not line and self._data:
                events.append(b"\n".join(self._data))
                self._data = []
        return events

    def end(self) -> list[bytes]:
        """The last event, where the server left out the empty line after it."""
        return self.feed(b"\n\n")
