"""What the model is told before it writes a query, and how its answer is read."""

import re
from collections.abc import Sequence

from trivet_sdk import Message
from trivet_sdk.message import assistant, system, user

NOTHING = "not in these tables"
"""What the query says where the tables hold no answer."""
_EXAMPLES = (
    ("How many sales did the Leeds shop make?", "SELECT count(*) FROM sales WHERE shop = 'Leeds'"),
    (
        "Which seller sold the most pieces in May 2024, and how many?",
        "SELECT seller, sum(pieces) AS pieces FROM sales WHERE day BETWEEN '2024-05-01' AND '2024-05-31' "
        "GROUP BY seller ORDER BY pieces DESC LIMIT 1",
    ),
    (
        "Did Leeds or York take more money on average, and how much more? Two decimals.",
        "SELECT shop, round(avg(pieces * price), 2) AS mean, round(max(avg(pieces * price)) OVER () - "
        "min(avg(pieces * price)) OVER (), 2) AS difference FROM sales WHERE shop IN ('Leeds', 'York') "
        "GROUP BY shop ORDER BY mean DESC",
    ),
    (
        "What did toys bring in? The kind of each item is in items.csv.",
        "SELECT sum(s.pieces * s.price) FROM sales s JOIN items i ON s.item = i.item WHERE i.kind = 'toy'",
    ),
    (
        "Work out how many pieces were sold per day on average, as a whole number, and save it in out.txt.",
        "SELECT round(avg(n)) FROM (SELECT day, sum(pieces) AS n FROM sales GROUP BY day)",
    ),
    (
        "Which items did nobody buy? List them in never.csv, columns item and kind, by item.",
        "SELECT item, kind FROM items WHERE item NOT IN (SELECT item FROM sales) ORDER BY item",
    ),
    (
        "What percentage of the sales were in York? One decimal.",
        "SELECT round(100.0 * count(*) FILTER (WHERE shop = 'York') / count(*), 1) FROM sales",
    ),
    (
        "Count the errors of each door in doors.log.",
        "SELECT regexp_extract(message, 'door-\\d+') AS door, count(*) AS errors FROM doors WHERE level = 'ERROR' "
        "GROUP BY 1 ORDER BY 1",
    ),
    (
        "Which warning does door-2 give most often, and how many times?",
        "SELECT message, count(*) AS times FROM doors WHERE level = 'WARNING' AND message LIKE 'door-2 %' "
        "GROUP BY message ORDER BY times DESC LIMIT 1",
    ),
    (
        "How many errors came at night, from 22:00 to 6:00?",
        "SELECT count(*) FROM doors WHERE level = 'ERROR' AND (hour(time) >= 22 OR hour(time) < 6)",
    ),
    (
        "By how many percent did the pieces sold rise from May to June 2024? One decimal.",
        "SELECT round(100.0 * sum(pieces) FILTER (WHERE day BETWEEN '2024-06-01' AND '2024-06-30') / "
        "sum(pieces) FILTER (WHERE day BETWEEN '2024-05-01' AND '2024-05-31') - 100, 1) FROM sales",
    ),
    ("What is the manager's phone number?", f"SELECT '{NOTHING}'"),
)
_TASK = """\
You write one DuckDB SELECT query that answers the question. Use only the conditions that the question asks for.
If the question asks to save something, only SELECT what shall be saved. If it asks for something that is not in the tables, \
SELECT '{nothing}'.

Examples, for CREATE TABLE sales (day DATE, shop TEXT, seller TEXT, item TEXT, pieces BIGINT, price DOUBLE), \
CREATE TABLE items (item TEXT, kind TEXT) and CREATE TABLE doors (time TIMESTAMP, level TEXT, message TEXT):
{examples}"""
SYSTEM = _TASK.format(
    nothing=NOTHING, examples="\n".join(f"Question: {asked}\n```sql\n{sql}\n```" for asked, sql in _EXAMPLES)
)
STOP = ("\n```", ";")


def opening(schema: str, goal: str) -> tuple[Message, ...]:
    return system(SYSTEM), user(f"{schema}\n\nQuestion: {goal}")


def corrected(messages: Sequence[Message], query: str, error: str) -> tuple[Message, ...]:
    """The same, with the query that failed and why; what follows is the next query and no prose."""
    said = assistant(f"```sql\n{query}\n```")
    return *messages, said, user(f"{error}\nWrite the query again, so that it works."), assistant("```sql\n")


def query_in(text: str) -> str:
    """The one SELECT of the model's answer; empty if there is none."""
    match = re.search(r"\b(?:SELECT\b|WITH\s+\w+\s+AS\b).*", re.sub(r"^\s*```\w*", "", text), re.DOTALL | re.IGNORECASE)
    if match is None:
        return ""
    query = re.split(r"\n```|;", match[0])[0]
    query = re.sub(r",\s*order\s+(?=FROM\b)", " ", query, flags=re.IGNORECASE)  # of `order by code`, said in the goal
    query = re.sub(r"\bAS(?=[\u3400-\u9fff])", "AS ", query)
    query = re.sub(r"(?<![\w.])([\w.]+)\s+LIKE\s+('\d{4}-)", r"CAST(\1 AS VARCHAR) LIKE \2", query, flags=re.IGNORECASE)
    return re.sub(r"\bINTO\s+(?:OUTFILE\s+)?\S+(?=\s+FROM\b|\s*$)", "", query.strip(), flags=re.IGNORECASE).strip()
