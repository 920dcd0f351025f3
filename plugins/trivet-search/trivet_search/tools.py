"""The tools over local folders."""

from typing import Annotated, Literal

from msgspec import Meta, structs

from trivet_sdk import Tool, ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import Span, WorkspaceFolder, WorkspacePath
from trivet_search.index import Match
from trivet_search.quoting import quoted, remarks, values
from trivet_search.shelf import Shelf, State, facts

Limit = Annotated[int, Meta(ge=1, le=50)]
_TOLD = 5  # files that were left out, in the text of a result


def tools_over(shelf: Shelf) -> tuple[Tool, ...]:
    @tool(effect="pure")
    async def search(
        query: Span,
        ctx: ToolContext,
        path: WorkspacePath | WorkspaceFolder = ".",
        limit: Limit = 5,
        mode: Literal["hybrid", "words", "meaning"] = "hybrid",
    ) -> ToolResult:
        """Find the passages that answer a question, by words and by meaning, in documents of any kind.

        Reads text, Markdown, HTML, PDF, DOCX, CSV, source code and e-mail. What changed since the last search is read first.

        Args:
            query: What is sought; a part in quotation marks is preferred word for word.
            path: A file or a folder; . is the whole workspace and the folders in the settings.
            limit: At most so many passages.
            mode: By words, by meaning, or both.
        """
        if not query.strip():
            raise ToolError("there is nothing to search for: the query is empty.")
        places = shelf.places(ctx, path)
        state = await shelf.bring_up_to_date(
            ctx, [place for place, _ in places], 0.0 if mode == "words" else shelf.patience
        )
        if mode == "meaning":
            matches = await shelf.like(places, query, limit)
        else:
            matches = await shelf.best(places, query, limit, by_meaning=mode == "hybrid")
        return _told(matches, state, f"nothing found for '{query}'")

    @tool(effect="pure")
    async def similar(
        ctx: ToolContext,
        text: Span = "",
        path: WorkspacePath = "",
        line: int = 1,
        folder: WorkspaceFolder = ".",
        limit: Limit = 5,
    ) -> ToolResult:
        """Find passages that say something like a given text, or like a passage of a file; by words where there is no
        embedder.

        Args:
            text: The text; leave it out to name a passage instead.
            path: The file with the passage.
            line: Line, page or paragraph in which the passage lies.
            folder: Where to look.
            limit: At most so many passages.
        """
        if bool(text.strip()) == bool(path):
            raise ToolError("give either a text or the path of a file with the passage.")
        places = shelf.places(ctx, folder)
        own = shelf.places(ctx, path)[0] if path else None
        looked = dict.fromkeys([place.key for place, _ in places])
        every = [place for place, _ in places] + ([own[0]] if own and own[0].key not in looked else [])
        state = await shelf.bring_up_to_date(ctx, every, shelf.patience)
        id = None
        if own is not None:
            id, text = await shelf.passage_at(own[0], own[1], line)
        like = (
            shelf.best(places, text, limit + 1, by_meaning=True)
            if state.no_meaning
            else shelf.like(places, text, limit + 1)
        )
        matches = [
            match for match in await like if own is None or match.found.id != id or match.path != own[0].prefix + own[1]
        ]
        return _told(matches[:limit], state, "nothing similar found")

    @tool(effect="idempotent")
    async def index(ctx: ToolContext) -> ToolResult:
        """Bring the search index of the folder up to date, meaning included, and tell what is in it and what was left out."""
        state = await shelf.bring_up_to_date(ctx, [place for place, _ in shelf.places(ctx, ".")], None)
        said = f"{_count(state.files, 'file')} with {_count(state.passages, 'passage')} can be searched"
        left = "".join(f"\n{path}: {reason}" for path, reason in state.skipped[:_TOLD])
        if state.skipped:
            said += f"; {_count(len(state.skipped), 'file')} left out:{left}"
        if len(state.skipped) > _TOLD:
            said += f"\n… and {len(state.skipped) - _TOLD} more"
        return result("\n".join(filter(None, [said, remarks(state)])), facts(state))

    return (search, similar, index)


def _told(matches: list[Match], state: State, nothing: str) -> ToolResult:
    text = "\n".join(filter(None, [quoted(matches) or nothing, remarks(state)]))
    told = result(text, {"matches": values(matches), "waiting": state.waiting, "unread": state.unread})
    return structs.replace(told, is_untrusted=any(match.is_foreign for match in matches))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"
