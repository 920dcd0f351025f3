"""Six scripted runs. Planner, model and person decide by what they are shown, so that each life of a host says the same."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import msgspec

from tests.faults.world import Reconciled, Strike, World
from tests.walks.household import step
from trivet_sdk import Contributions, Patch, Plan, PlannerAbstained, PlanRequest, Services, Step, ToolError, tool
from trivet_sdk.message import Message, Text, user
from trivet_sdk.model import Delta, GenerateRequest, collect
from trivet_sdk.testing import EmbeddedPlugin, ScriptedModel, ScriptedReflector

THEN = "然后"
EARLIER = "WHAT WAS SAID"
"""Stands in a plan for the answers that the run was told of."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """The steps of the first plan, of the sub-goal's, those that a patch adds once something failed, and those of the second
    goal of a conversation."""

    steps: tuple[Step, ...]
    patch: tuple[Step, ...] = ()
    below: tuple[Step, ...] = ()
    then: tuple[Step, ...] = ()
    approve: str = "always"
    is_hard: bool = False
    """The planner declines once something failed, and the patch is the larger planner's."""

    @property
    def goals(self) -> tuple[str, ...]:
        """One after the other; two are a conversation."""
        return ("做 it", THEN) if self.then else ("做 it",)

    @property
    def strikes(self) -> dict[str, str]:
        """Kinds of the effects, by name."""
        every = (*self.steps, *self.patch, *self.below, *self.then)
        return {
            str(each.arguments["name"]): each.tool for each in every if each.tool in ("keyed", "reconciled", "plain")
        }


SCENARIOS = {
    "sequential": Scenario(
        steps=(
            step("s1", "keyed", name="one"),
            step("s2", "plain", ("s1",), name="two"),
            step("s3", "think", instruction="think of {{s2}}"),
            step("s4", "reconciled", ("s3",), name="three"),
            step("s5", "keyed", ("s4",), name="four"),
            step("s6", "recite", ("s5",)),
            step("s7", "answer", ("s6",), text="{{s1}}, {{s2}}, {{s3}}, {{s4}}, {{s5}}"),
        )
    ),
    "parallel": Scenario(
        steps=(
            step("s1", "keyed", name="one"),
            step("s2", "plain", name="two"),
            step("s3", "think", instruction="think of nothing"),
            step("s4", "reconciled", name="three"),
            step("s5", "keyed", name="four"),
            step("s6", "plain", name="five"),
            step("s7", "answer", text="{{s1}}, {{s2}}, {{s3}}, {{s4}}, {{s5}}, {{s6}}"),
        )
    ),
    "replanned": Scenario(
        steps=(
            step("s1", "keyed", name="one"),
            step("s2", "refuse", ("s1",)),
            step("s3", "plain", ("s2",), name="never"),
        ),
        patch=(
            step("p1", "plain", name="two"),
            step("p2", "reconciled", ("p1",), name="three"),
            step("p3", "answer", text="{{s1}}, {{p1}}, {{p2}}"),
        ),
    ),
    "escalated": Scenario(
        steps=(
            step("s1", "plain", name="one"),
            step("s2", "refuse", ("s1",)),
            step("s3", "keyed", ("s2",), name="never"),
        ),
        patch=(
            step("p1", "keyed", name="two"),
            step("p2", "think", ("p1",), instruction="think of {{p1}}"),
            step("p3", "plain", ("p2",), name="three"),
            step("p4", "answer", ("p3",), text="{{s1}}, {{p1}}, {{p2}}, {{p3}}"),
        ),
        is_hard=True,
    ),
    "approval": Scenario(
        steps=(
            step("s1", "plain", name="one"),
            step("s2", "reconciled", ("s1",), name="two"),
            step("s3", "keyed", ("s2",), name="three"),
            step("s4", "answer", text="{{s1}}, {{s2}}, {{s3}}"),
        ),
        approve="ask",
    ),
    "chat": Scenario(
        steps=(
            step("s1", "ask", question="哪一个？"),
            step("s2", "pursue", goal="below: {{s1}}"),
            step("s3", "keyed", ("s2",), name="one"),
            step("s4", "answer", text="{{s1}}, {{s2}}, {{s3}}"),
        ),
        below=(
            step("s1", "plain", name="two"),
            step("s2", "ask", ("s1",), question="And below?"),
            step("s3", "reconciled", ("s2",), name="three"),
            step("s4", "answer", text="{{s1}}, {{s2}}, {{s3}}"),
        ),
        then=(
            step("s1", "plain", name="four"),
            step("s2", "think", ("s1",), instruction=f"think of {EARLIER}"),
            step("s3", "reconciled", ("s2",), name="five"),
            step("s4", "answer", text=f"{{{{s1}}}}, {{{{s3}}}}; before: {EARLIER}"),
        ),
    ),
}
CROWD = Scenario(
    steps=(
        step("s1", "keyed", name="one"),
        step("s2", "keyed", ("s1",), name="two"),
        step("s3", "answer", text="{{s1}}, {{s2}}"),
    )
)
ANSWERS = {"哪一个？": "第一个", "And below?": "the blue one"}


def plugin_of(scenario: Scenario, world: World, reach: Callable[[str], None]) -> EmbeddedPlugin:
    strikes = (Strike(world, "keyed", reach), Reconciled(world, "reconciled", reach), Strike(world, "plain", reach))
    contributions = Contributions(
        tools=(*strikes, refuse, recite),
        planners={
            "scripted": AskingPlanner(scenario, is_able=not scenario.is_hard),
            "larger": AskingPlanner(scenario, name="larger"),
        },
        reflectors={"scripted": ScriptedReflector()},
        models={"scripted": NotedModel(world)},
    )
    return EmbeddedPlugin("work", contributions)


@tool(effect="pure")
def refuse() -> str:
    """Fail."""
    raise ToolError("no")


@tool(effect="pure")
def recite() -> str:
    """More than the journal keeps in a row."""
    return "诗" * 50_000


class AskingPlanner:
    """Asks the model before each plan, which must not be paid for twice either."""

    def __init__(self, scenario: Scenario, name: str = "plan", *, is_able: bool = True) -> None:
        self._scenario = scenario
        self._name = name
        self._is_able = is_able

    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        plan = request.transcript.plan
        revision = 0 if plan is None else plan.revision
        prompt = f"{self._name} {revision} for: {request.goal.text}"
        await collect(services.model().generate(GenerateRequest(messages=(user(prompt),), purpose="plan")))
        if plan is not None and not self._is_able:
            raise PlannerAbstained("That is too hard.")
        if plan is not None:
            return Patch(revision=revision, add=self._scenario.patch, cancel=("s3",))
        if request.goal.text == THEN:
            said = "; ".join(f"{each.status} {each.answer}" for each in request.transcript.earlier)
            return Plan(steps=tuple(told(step, said) for step in self._scenario.then))
        return Plan(steps=self._scenario.below if request.goal.text.startswith("below") else self._scenario.steps)


def told(step: Step, said: str) -> Step:
    arguments = {
        name: value.replace(EARLIER, said) if isinstance(value, str) else value
        for name, value in step.arguments.items()
    }
    return msgspec.structs.replace(step, arguments=arguments)


class NotedModel(ScriptedModel):
    """What it is asked is noted where no death undoes it."""

    def __init__(self, world: World) -> None:
        super().__init__("a thought", repeats=True)
        self._world = world

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        self._world.note(f"asked {prompt_of(request.messages)}")
        async for delta in super().generate(request):
            yield delta


def prompt_of(messages: Sequence[Message]) -> str:
    return " ".join(part.text for message in messages for part in message.parts if isinstance(part, Text))


def world_of(folder: Path) -> World:
    return World(folder / "world")
