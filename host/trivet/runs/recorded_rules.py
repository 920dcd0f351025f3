"""The user's rules as they were when a run was recorded, as far as they decided anything. What the settings say today was
not said then."""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from trivet.approval_rules import Decision
from trivet.runs.approvals import digest_of
from trivet_sdk import events as happened
from trivet_sdk.events import Record
from trivet_sdk.plan import Json

_BY_RULE = re.compile(r"rule '(.*)' of the settings (?:allows|forbids) it", re.DOTALL)
Said = tuple[str, Decision]


class RecordedRules:
    """Of one life of a run, and of what was before it."""

    def __init__(self, before: Sequence[Record], records: Sequence[Record]) -> None:
        self._before = dict(_decisions(before))
        self._said: dict[str, deque[Said]] = {}
        for digest, said in _decisions(records):
            self._said.setdefault(digest, deque()).append(said)

    def ruling(self, tool: str, arguments: Mapping[str, Json]) -> Said | None:
        """A call that was asked about was to be asked about, whether by a rule or by its nature."""
        digest = digest_of(tool, arguments)
        if said := self._said.get(digest):
            return said.popleft()
        return self._before.get(digest)


def _decisions(records: Sequence[Record]) -> Iterator[tuple[str, Said]]:
    """By the calls' digests, in the order of the requests."""
    resolved = {
        record.event.approval: record.event for record in records if isinstance(record.event, happened.ApprovalResolved)
    }
    for record in records:
        if not isinstance(record.event, happened.ApprovalRequested):
            continue
        end = resolved.get(record.event.approval)
        if end is not None and end.by == "rule" and (found := _BY_RULE.fullmatch(end.reason)) is not None:
            yield record.event.digest, (found[1], "always" if end.granted else "never")
        else:
            yield record.event.digest, ("", "ask")
