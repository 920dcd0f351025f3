"""What a larger model is asked besides the small one, where there is one."""

from collections.abc import Sequence

from trivet_plan_smollm2.asking import is_order, is_vague
from trivet_plan_smollm2.comprehension.planning import by_passages
from trivet_plan_smollm2.grounding import Ground, Search, mentioned, new_paths
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.queries.planning import by_query
from trivet_plan_smollm2.queries.witness import Contradiction, contradiction
from trivet_plan_smollm2.sampling import Asking
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import Model, ModelError, PlanRequest, PluginError, Services, WeightsMissing

ROLE = "plan-smollm2"
"""The role under which settings may give the planner SmolLM2-135M while another model serves everything else."""
QUERY_ROLE = "plan-sql"
"""The role of a larger model that writes questions about tables as SQL, and reads passages."""
LIST = 40
"""Rows up to which a table is read as a text, too: a price list."""


class Larger:
    """The model of the role `plan-sql`, for one request."""

    def __init__(self, request: PlanRequest, services: Services, similarity: Similarity) -> None:
        self._request, self._services, self._similarity = request, services, similarity

    @property
    def is_here(self) -> bool:
        try:
            return self._model() is not None
        except (ModelError, PluginError, WeightsMissing):
            return False

    async def queried(self, goal: Spans, files: Sequence[FileCard], ground: Ground) -> tuple[Call, ...]:
        """A query of tables; empty if it finds none, or is not here."""
        try:
            if is_vague(goal) or (model := self._model()) is None:
                return ()
            return await by_query(goal, files, ground, self._asking(model))
        except (ModelError, PluginError, WeightsMissing):  # it or its backend is not here, or has no room
            return ()

    async def contradiction(self, goal: Spans, calls: Sequence[Call], ground: Ground) -> Contradiction | None:
        """What a query of the tables from which these calls read finds instead; None if it agrees, or is not sure."""
        try:
            return (
                None
                if (model := self._model()) is None
                else await contradiction(goal, calls, ground, self._asking(model))
            )
        except (ModelError, PluginError, WeightsMissing):
            return None

    async def told(self, goal: Spans, found: Search, ground: Ground) -> tuple[Call, ...] | None:
        """What passages tell, or what can be reckoned from them; empty if it does not know, or a long table is named that
        has been asked in vain; None if there is no such model or a file is to be written."""
        try:
            if new_paths(goal, ground.listing) or (model := self._model()) is None:
                return None
            if is_vague(goal) or is_order(goal):
                return ()
            named = [ground.cards[path] for path in mentioned(goal, ground.listing) if path in ground.cards]
            if any(card.columns and (card.rows or 0) > LIST for card in named):
                return ()
            tables = {path for path, card in ground.cards.items() if card.columns and (card.rows or 0) > 1}
            return await by_passages(goal, found, self._asking(model), tables)
        except (ModelError, PluginError, WeightsMissing):
            return None

    def _asking(self, model: Model) -> Asking:
        request = self._request
        return Asking(request.tools, model, self._services, request.transcript.run, self._similarity)

    def _model(self) -> Model | None:
        model = self._services.model(QUERY_ROLE)
        return None if model.name == self._services.model(ROLE).name else model
