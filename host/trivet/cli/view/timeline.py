"""When a run did what: its steps and model calls as bars over the time that it was worked on. Pure."""

from collections.abc import Iterable, Sequence

from trivet_sdk import events as happened
from trivet_sdk.events import Record

_STILL = 8
"""A time in which the run stood still takes at most this part of the rest, so that a night of waiting hides nothing."""

Span = tuple[float, float]


class Row:
    """A step, or a model call that belongs to none."""

    def __init__(self, step: str, call: happened.ModelCalled | None = None) -> None:
        self.step = step
        self.call = call
        self.begun: float | None = None
        self.spans: list[Span] = []
        self.waits: list[Span] = []
        """In which it waited for a person."""
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.has_failed = False

    def begin(self, time: float) -> None:
        self.begun = time

    def end(self, time: float) -> None:
        if self.begun is not None:
            self.spans.append((self.begun, time))
            self.begun = None


class Timeline:
    """Fed a run's records in order, then `close`d at the present or at the run's end."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.still: list[Span] = []
        """In which the whole run waited, or nobody worked on it."""
        self._steps: dict[str, Row] = {}
        self._calls: dict[str, Row] = {}
        self._asked: dict[str, tuple[str | None, float]] = {}
        self._begun: float | None = None
        self._last = 0.0
        self._still_since: float | None = None

    def add(self, record: Record) -> None:
        time, event = record.time, record.event
        if self._begun is None:
            self._begun = time
        match event:
            case happened.RunWaiting():
                self._still_since = time
            case happened.RunResumed():
                self.still.append((self._last if self._still_since is None else self._still_since, time))
                self._still_since = None
            case happened.StepStarted(step=str(step)):
                row = self._row(step)
                row.end(time)
                row.begin(time)
            case happened.ToolReturned(step=str(step)) | happened.ToolFailed(step=str(step)):
                self._row(step).end(time)
            case happened.ApprovalRequested(step=step, approval=id) | happened.QuestionAsked(step=step, id=id):
                self._asked[id] = (step, time)
            case happened.ApprovalResolved(approval=id) | happened.QuestionAnswered(id=id):
                self._waited(id, time)
            case happened.ModelCalled(call=call, step=step):
                row = Row("", event) if step is None else self._row(step)
                self._calls[call] = row
                if step is None:
                    self.rows.append(row)
                    row.begin(time)
            case happened.ModelReturned(call=call) if (found := self._calls.get(call)) is not None:
                found.prompt_tokens += event.prompt_tokens
                found.completion_tokens += event.completion_tokens
                if not found.step:
                    found.has_failed = bool(event.error)
                    found.end(time)
            case _:
                pass
        self._last = time

    def close(self, now: float) -> "Timeline":
        """`now`: Unix time, for a run that goes on; else the time of its last event."""
        for id in list(self._asked):
            self._waited(id, now)
        for row in self.rows:
            row.end(now)
        if self._still_since is not None and now > self._still_since:
            self.still.append((self._still_since, now))
        self._last = max(now, self._last)
        return self

    @property
    def seconds_still(self) -> float:
        return sum(_length(span) for span in self.still)

    @property
    def seconds(self) -> float:
        """From the first event to the last."""
        return self._last - (self._begun or 0.0)

    def seconds_of(self, row: Row) -> float:
        """At work, all attempts together; the time in which it waited does not count."""
        waited = [*_overlaps(row.spans, self.still), *_overlaps(row.spans, row.waits)]
        return max(0.0, sum(_length(span) for span in row.spans) - _covered(waited))

    def bars(self, width: int) -> list[list[str]]:
        """For each row `width` cells, each `work`, `wait` or nothing."""
        place = _Axis(self._begun or 0.0, self._last, self.still, width)
        found: list[list[str]] = []
        for row in self.rows:
            cells = [""] * width
            for kind, spans in (("work", row.spans), ("wait", _overlaps(row.spans, self.still)), ("wait", row.waits)):
                for begin, end in spans:
                    first = min(place.of(begin), width - 1)
                    for cell in range(first, max(place.of(end), first + 1)):
                        cells[cell] = kind
            found.append(cells)
        return found

    def _row(self, step: str) -> Row:
        if step not in self._steps:
            self._steps[step] = Row(step)
            self.rows.append(self._steps[step])
        return self._steps[step]

    def _waited(self, id: str, until: float) -> None:
        step, since = self._asked.pop(id, (None, until))
        if step is not None and step in self._steps:
            self._steps[step].waits.append((since, until))


class _Axis:
    """Times as columns; where the run stood still, time passes faster."""

    def __init__(self, begin: float, end: float, still: Sequence[Span], width: int) -> None:
        at_work = max(end - begin - sum(_length(span) for span in still), 0.0)
        self._begin = begin
        self._still = [(span, min(_length(span), at_work / _STILL or _length(span))) for span in still]
        drawn = at_work + sum(length for _, length in self._still)
        self._scale = width / drawn if drawn else 0.0

    def of(self, time: float) -> int:
        at = time - self._begin
        for (begin, end), length in self._still:
            if time > begin and end > begin:
                passed = min(time, end) - begin
                at -= passed - passed * length / (end - begin)
        return round(at * self._scale)


def _length(span: Span) -> float:
    return max(0.0, span[1] - span[0])


def _covered(spans: Iterable[Span]) -> float:
    """Seconds that lie in at least one of them."""
    total, until = 0.0, float("-inf")
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def _overlaps(spans: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    pairs = ((max(a, c), min(b, d)) for a, b in spans for c, d in others)
    return [(begin, end) for begin, end in pairs if begin < end]
