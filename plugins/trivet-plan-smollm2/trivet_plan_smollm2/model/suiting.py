"""Which model the planner works with, and the tools as it is shown them."""

from trivet_plan_smollm2.clerk import card_of
from trivet_plan_smollm2.prompt import ToolCard
from trivet_plan_smollm2.shortlist import Shortlist
from trivet_sdk import Model, PlannerAbstained


def suitable(model: Model) -> Model:
    """The model, if it takes grammars and adapters. Raises PlannerAbstained otherwise."""
    if not {"grammar", "adapter", "logprobs"} <= model.features:
        raise PlannerAbstained(
            f"The planner 'plan-smollm2' works with SmolLM2-135M, not with the model '{model.name}'.",
            'Set roles.planner = "plan", or roles.plan-smollm2 to a model with backend "transformers".',
        )
    return model


def cards_of(tools: Shortlist) -> list[ToolCard]:
    return [card_of(tool) for tool in tools.tools]
