"""The indexes that are open, and the work that tools do on them: in threads, one at a time on each."""

import contextlib
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, TypeVar

import anyio
import msgspec
from anyio import to_thread

from trivet_sdk import Embedder, ModelError, PluginContext, ToolContext, ToolError, WeightsMissing
from trivet_sdk.provenance import Provenance
from trivet_search.fusion import fused
from trivet_search.index import Candidates, Contents, Index, Match, Ranked
from trivet_search.place import Place, attachments_place, root_place, workspace_place
from trivet_search.refreshing import Busy, Step

T = TypeVar("T")
TEXTS = 128
"""Passages that are embedded at once."""
OPEN = 8
"""Indexes that are kept open."""
SPARE = 3.0
"""Seconds before a call's deadline that are left for the answer."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Of all places that were looked at."""

    files: int = 0
    passages: int = 0
    waiting: int = 0
    skipped: tuple[tuple[str, str], ...] = ()
    unread: int = 0
    """Files for which there was no time."""
    is_busy: bool = False
    """Another process was indexing, so that this was answered from what was there."""
    no_meaning: str = ""
    """Why nothing is compared by meaning."""


class Shelf:
    def __init__(self, context: PluginContext) -> None:
        self._context = context
        self._settings = context.settings
        self._indexes: dict[str, tuple[Index, anyio.Lock]] = {}

    @contextmanager
    def opened(self) -> Iterator["Shelf"]:
        try:
            yield self
        finally:
            for index, _ in self._indexes.values():
                index.close()

    @property
    def patience(self) -> float:
        return float(self._settings["patience_seconds"])

    def places(self, ctx: ToolContext, path: str) -> list[tuple[Place, str]]:
        """Where to look, and under which name there. Raises ToolError for a path that is nowhere."""
        workspace = ctx.workspace
        roots = [root_place(root) for root in self._settings["roots"]]
        for root in roots:
            if path.startswith(root.prefix) or path == root.prefix.rstrip("/"):
                return [(root, path.removeprefix(root.prefix.rstrip("/")).strip("/"))]
        if path in (".", "./", ""):
            attached = [attachments_place(workspace)] if workspace.attachments else []
            return [(place, "") for place in (workspace_place(workspace), *attached, *roots)]
        name = workspace.relative(workspace.readable(path))
        if name.startswith("attachments/") and name.removeprefix("attachments/") in workspace.attachments:
            return [(attachments_place(workspace), name.removeprefix("attachments/"))]
        return [(workspace_place(workspace), "" if name == "." else name)]

    async def bring_up_to_date(self, ctx: ToolContext, places: Sequence[Place], patience: float | None) -> State:
        """Read what changed, then embed what is new, for `patience` seconds, or as long as it takes."""
        total = State()
        embedder = self.embedder()
        if embedder is None:
            total = State(no_meaning="no enabled plugin provides an embedder")
        for place in places:
            unread, is_busy = await self._read(ctx, place)
            no_meaning = total.no_meaning
            if embedder is not None and not no_meaning and not is_busy:
                try:
                    await self._embed(ctx, place, embedder, patience)
                except Busy:
                    is_busy = True
                except (ModelError, WeightsMissing) as error:
                    no_meaning = str(error)
            contents: Contents = await self._on(place, Index.contents)
            total = State(
                files=total.files + contents.files,
                passages=total.passages + contents.passages,
                waiting=total.waiting + contents.waiting,
                skipped=total.skipped + contents.skipped,
                unread=total.unread + unread,
                is_busy=total.is_busy or is_busy,
                no_meaning=no_meaning,
            )
        return total

    async def best(
        self, places: Sequence[tuple[Place, str]], query: str, limit: int, *, by_meaning: bool
    ) -> list[Match]:
        """Over all places: the scores of all their candidates are fused together."""
        embedder = self.embedder() if by_meaning else None
        vector: Any = None
        words: list[Ranked] = []

        async def look_up() -> None:
            for place, under in places:
                words.append(await self._on(place, partial(Index.by_words, query=query, under=under)))

        async with anyio.create_task_group() as tasks:  # words are looked up while the query is embedded
            tasks.start_soon(look_up)
            if embedder is not None and await self._on(places[0][0], partial(Index.suits, text=query)):
                with contextlib.suppress(ModelError, WeightsMissing):  # said when the index was brought up to date
                    vector = (await embedder.embed([query]))[0]
        candidates: list[Candidates] = []
        for (place, under), scores in zip(places, words, strict=True):

            def look(index: Index, under: str = under, scores: Ranked = scores) -> Candidates:
                nearest = Ranked({}, {})
                if embedder is not None and vector is not None:
                    nearest = index.by_meaning(embedder.name, vector, under, also=list(scores.best))
                return index.candidates(query, scores, nearest)

            candidates.append(await self._on(place, look))
        return await self._chosen([place for place, _ in places], candidates, limit)

    async def like(self, places: Sequence[tuple[Place, str]], text: str, limit: int) -> list[Match]:
        """Passages nearest in meaning. Raises ToolError without an embedder."""
        embedder = self.embedder()
        if embedder is None:
            raise ToolError(
                "no enabled plugin provides an embedder, so nothing can be compared by meaning. "
                "Search by words instead: leave `mode` out."
            )
        try:
            vector = (await embedder.embed([text]))[0]
        except (ModelError, WeightsMissing) as error:
            raise ToolError(f"nothing can be compared by meaning: {error}") from None
        candidates: list[Candidates] = []
        for place, under in places:
            nearest = partial(Index.by_meaning, embedder=embedder.name, vector=vector, under=under)
            best = (await self._on(place, nearest)).best
            candidates.append(Candidates(words={}, meaning=best, by=dict.fromkeys(best, ("meaning",))))
        return await self._chosen([place for place, _ in places], candidates, limit)

    async def _chosen(self, places: Sequence[Place], candidates: Sequence[Candidates], limit: int) -> list[Match]:
        order = fused(
            {(n, id): score for n, each in enumerate(candidates) for id, score in each.words.items()},
            {(n, id): score for n, each in enumerate(candidates) for id, score in each.meaning.items()},
            {(n, id): score for n, each in enumerate(candidates) for id, score in each.spelling.items()},
        )[:limit]
        matches: list[Match] = []
        for n, place in enumerate(places):
            scores = {id: score for (number, id), score in order if number == n}
            if scores:
                matches += await self._on(place, partial(Index.matches, scores=scores, by=candidates[n].by))
        return sorted(matches, key=lambda match: -match.score)

    async def passage_at(self, place: Place, name: str, line: int) -> tuple[int, str]:
        """Id and text. Raises ToolError if the file has no passage."""

        def look(index: Index) -> tuple[int, str] | None:
            id = index.at(name, line)
            found = index.found([id]) if id is not None else []
            return (found[0].id, found[0].passage.text) if found else None

        there = await self._on(place, look)
        if there is None:
            raise ToolError(f"'{place.prefix}{name}' is not in the index: it may hold no text. search.index tells why.")
        return there

    def embedder(self) -> Embedder | None:
        return None if self._settings["meaning"] == "never" else self._context.embedder()

    async def _read(self, ctx: ToolContext, place: Place) -> tuple[int, bool]:
        """How many files are left to read, and whether another process is at it."""
        step = Step(0, 0)
        async with self._held(place) as index:
            steps = index.refresh(lambda: ctx.is_cancelled)
            began = time.monotonic()
            try:
                while True:
                    taken = await to_thread.run_sync(next, steps, None)
                    if taken is None:
                        return 0, False
                    step = taken
                    ctx.progress(step.done, step.total, f"read {step.done} of {step.total} files{_left(began, step)}")
                    if ctx.deadline is not None and anyio.current_time() > ctx.deadline - SPARE:
                        return step.total - step.done, False
            except Busy:
                return 0, True
            finally:
                steps.close()  # type: ignore[attr-defined]  # an Iterator that is a generator

    async def _embed(self, ctx: ToolContext, place: Place, embedder: Embedder, patience: float | None) -> None:
        began = time.monotonic()
        done = 0
        contents: Contents = await self._on(place, Index.contents)
        while texts := await self._on(place, partial(Index.unembedded, embedder=embedder.name, limit=TEXTS)):
            is_late = ctx.deadline is not None and anyio.current_time() > ctx.deadline - SPARE
            if is_late or (patience is not None and time.monotonic() - began > patience):
                return
            vectors = await embedder.embed([text for _, text in texts])
            await self._on(place, partial(Index.keep, embedder=embedder.name, texts=texts, vectors=vectors))
            done += len(texts)
            total = max(contents.waiting, done)
            said = f"compared {done} of {total} passages by meaning{_left(began, Step(done, total))}"
            ctx.progress(done, total, said)

    async def _on(self, place: Place, work: Callable[[Index], T]) -> T:
        async with self._held(place) as index:
            return await to_thread.run_sync(work, index)

    @asynccontextmanager
    async def _held(self, place: Place) -> AsyncIterator[Index]:
        index, lock = await self._index(place)
        async with lock:
            yield index

    async def _index(self, place: Place) -> tuple[Index, anyio.Lock]:
        if place.key not in self._indexes:
            name = hashlib.sha256(place.key.encode()).hexdigest()[:20]
            folder = (self._context.data_dir if place.root else self._context.cache_dir) / name
            settings = self._settings
            made = Index(
                place,
                folder,
                language=settings["language"],
                meaning=settings["meaning"],
                largest=int(settings["largest_megabytes"] * 1_000_000),
                provenance=Provenance(settings["untrusted"]),
            )
            self._indexes[place.key] = (made, anyio.Lock())
            for key, (old, lock) in list(self._indexes.items())[:-OPEN]:
                if not lock.locked():
                    old.close()
                    del self._indexes[key]
        return self._indexes[place.key]


def _left(began: float, step: Step) -> str:
    """How long the rest takes at the pace so far."""
    spent = time.monotonic() - began
    if not step.done or step.done >= step.total or spent < 1:
        return ""
    seconds = spent / step.done * (step.total - step.done)
    return f", about {seconds:.0f} s left" if seconds < 100 else f", about {seconds / 60:.0f} min left"


def facts(state: State) -> dict[str, Any]:
    return {
        "files": state.files,
        "passages": state.passages,
        "skipped": [{"path": path, "reason": reason} for path, reason in state.skipped],
        "waiting": state.waiting,
        "unread": state.unread,
    }
