"""The suite `bfcl`: the public single-turn AST categories of the Berkeley Function Calling Leaderboard.

Patil et al. 2025, "The Berkeley Function Calling Leaderboard", ICML. Questions, right calls and checker are those of the package
`bfcl-eval`, which is fetched into the home's cache when it is first wanted and never imported into this process.
"""

from trivet.evaluation.bfcl.bfcl_case import BfclCase
from trivet.evaluation.bfcl.manners import MANNERS, Manner
from trivet.evaluation.bfcl.package import fetch, is_present, place
from trivet.evaluation.bfcl.suite import CATEGORIES, load_bfcl

__all__ = ["CATEGORIES", "MANNERS", "BfclCase", "Manner", "fetch", "is_present", "load_bfcl", "place"]
