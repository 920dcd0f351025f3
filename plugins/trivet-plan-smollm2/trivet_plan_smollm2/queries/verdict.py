"""Whether the model that wrote a query takes it for the answer, when it is asked as if another had written it.

Of the queries of a 1.5-billion-parameter model that were agreed on and faultless it denied 11 of 23 wrong ones and 2 of 38 right
ones (decision 080). Asked in the same conversation it denied none of nine.
"""

import json

from trivet_plan_smollm2.queries.writer import Query
from trivet_plan_smollm2.sampling import sampled
from trivet_sdk import Model
from trivet_sdk.message import system, user

ROWS = 5
"""That are shown."""
_SYSTEM = (
    "You check SQL queries of a colleague. Some are wrong: a condition is missing or too much, the wrong column or table is "
    "used, or something else is reckoned than was asked."
)


async def is_denied(goal: str, found: Query, schema: str, model: Model, run: str) -> bool:
    """`schema`: the tables of the query as `CREATE TABLE`."""
    rows = json.dumps(found.rows[:ROWS], default=str, ensure_ascii=False)
    question = (
        f"{schema}\n\nQuestion: {goal}\n\nQuery:\n{found.sql}\n\nResult: {rows}\n\n"
        "Does this result answer exactly what the question asks? Answer with one word, Yes or No."
    )
    completion = await sampled(model, (system(_SYSTEM), user(question)), run, longest=1, stop=())
    return completion.text.strip().lower() == "no"
