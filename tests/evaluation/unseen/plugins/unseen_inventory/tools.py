"""A table of articles in SQLite: `articles(name, stock, place)`."""

import sqlite3

from trivet_sdk import ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import Span

FILE = "warehouse.db"


def _articles(ctx: ToolContext) -> list[tuple[str, int, str]]:
    with ctx.workspace.reading(FILE) as file:
        content = file.read()
    db = sqlite3.connect(":memory:")
    try:
        db.deserialize(content)
        return db.execute("SELECT name, stock, place FROM articles ORDER BY name").fetchall()
    finally:
        db.close()


def _article(ctx: ToolContext, name: str) -> tuple[str, int, str]:
    wanted = name.casefold()
    articles = _articles(ctx)
    exact = [each for each in articles if each[0].casefold() in (wanted, wanted.removesuffix("s"))]
    found = exact or [each for each in articles if wanted.removesuffix("s") in each[0].casefold()]
    if len(found) != 1:
        among = ", ".join(each[0] for each in found or articles)
        raise ToolError(f"'{name}' is {'several articles' if found else 'no article'}. There is: {among}")
    return found[0]


@tool(effect="pure")
def stock(article: Span, ctx: ToolContext) -> ToolResult:
    """Tell how many pieces of an article are in stock.

    Args:
        article: Its name.
    """
    name, count, place = _article(ctx, article)
    return result(f"{count} {name} in {place}", {"article": name, "stock": count, "place": place})


@tool(effect="pure")
def below(level: int, ctx: ToolContext) -> ToolResult:
    """List the articles with less stock than a number.

    Args:
        level: The number of pieces.
    """
    found = [{"article": name, "stock": count} for name, count, _ in _articles(ctx) if count < level]
    return result(
        ", ".join(f"{each['article']} ({each['stock']})" for each in found) or "none",
        {"articles": found, "count": len(found)},
    )


@tool(effect="idempotent")
def take_out(article: Span, amount: int, ctx: ToolContext) -> ToolResult:
    """Book pieces of an article out of the warehouse.

    Args:
        article: Its name.
        amount: How many pieces.
    """
    name, count, _ = _article(ctx, article)
    if not 0 < amount <= count:
        raise ToolError(f"there are {count} {name}, so {amount} cannot be taken out")
    with ctx.workspace.reading(FILE) as file:
        content = file.read()
    db = sqlite3.connect(":memory:")
    try:
        db.deserialize(content)
        db.execute("UPDATE articles SET stock = ? WHERE name = ?", (count - amount, name))
        db.commit()
        written = ctx.workspace.write(FILE, db.serialize())
    finally:
        db.close()
    return result(f"{amount} {name} taken out, {count - amount} left", {"left": count - amount}, artifacts=(written,))
