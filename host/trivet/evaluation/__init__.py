"""Evaluations: suites of cases whose right outcome is known, attempted through a host, kept in the home, compared.

A suite is data and one class. To add one, write a module beside `goals` with

    class MyCase(Case):                        # case.py
        async def attempt(self, host: Host, conditions: Conditions) -> Result: ...

    def load_my_suite(...) -> Suite:           # Suite(name="mine", source=…, digest=…, cases=(MyCase(id=…, group=…), …))

and a click command in `trivet.cli.evaluation` that ends with

    ctx.exit(carried_out(settings, suite, conditions, how))    # trivet.cli.evaluation.session

which shows progress, keeps every `Result` as soon as it is there, goes on after Ctrl-C (`--continue`), and prints the table of
groups; its line in `SUITES` of `trivet.cli.evaluation` lists it. `trivet eval list|show|compare` need nothing more.

What a `Result` says: `verdict` is one of `VERDICTS` ("right", "wrong" = claimed but wrong, "honest" = no claim where there
might have been one, "timeout", "broken"), `asked` whether it asked instead, `measures` further yes-or-no outcomes by name
("tool", "arguments", "sequence"), of which tables give shares with intervals. `case.group` is the row of the table.

Without the command line:

    suite = load_goals(Path("suite"))
    async with open_host(settings) as host:
        evaluation = await evaluate(suite, host, Conditions(), begin(settings, suite, Conditions()), tell=print)
    totals(evaluation.results).right
"""

from trivet.evaluation.carrying_out import evaluate
from trivet.evaluation.case import VERDICTS, Case, Conditions, Result, Suite, Verdict
from trivet.evaluation.comparison import Comparison, compared
from trivet.evaluation.picking import picked
from trivet.evaluation.record import Evaluation, Record, begin, evaluations, find, reopen
from trivet.evaluation.totals import Share, Totals, by_group, totals

__all__ = [
    "VERDICTS",
    "Case",
    "Comparison",
    "Conditions",
    "Evaluation",
    "Record",
    "Result",
    "Share",
    "Suite",
    "Totals",
    "Verdict",
    "begin",
    "by_group",
    "compared",
    "evaluate",
    "evaluations",
    "find",
    "picked",
    "reopen",
    "totals",
]
