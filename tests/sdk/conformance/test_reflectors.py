"""Reflectors against their contract."""

import anyio
import anyio.lowlevel
import pytest

from trivet_sdk import Accept, Finish, ModelUnavailable, Retry, Services, Step, ToolResult, Transcript, Verdict
from trivet_sdk.conformance import check_reflector
from trivet_sdk.testing import ScriptedModel, ScriptedReflector, StandaloneServices

SERVICES = StandaloneServices(ScriptedModel("nonsense", repeats=True))


class Reflector(ScriptedReflector):
    """One whose verdicts do not depend on what happened."""

    def __init__(self, inspected: object, judged: object) -> None:
        super().__init__()
        self._inspected, self._judged = inspected, judged

    def inspect(self, step: Step, result: ToolResult | None, error: str, transcript: Transcript) -> Verdict:
        return self._inspected  # type: ignore[return-value]

    async def judge(self, transcript: Transcript, services: Services) -> Verdict:
        if isinstance(self._judged, Exception):
            raise self._judged
        if self._judged == "hang":
            await anyio.sleep_forever()
        return self._judged  # type: ignore[return-value]


async def test_a_reflector_that_keeps_its_contract() -> None:
    assert await check_reflector(ScriptedReflector(), SERVICES) == ()
    assert await check_reflector(Reflector(Retry(step="s1"), ModelUnavailable("m", "is off")), SERVICES) == ()


@pytest.mark.parametrize(
    ("inspected", "judged", "sentences"),
    [
        (Accept(), Finish(answer="yes"), ["accepts a step that failed", "finishes a run in which every step failed"]),
        (Finish(answer=""), Accept(), [
            "finishes in `inspect`; only `judge` may",
            "judges `Accept` when nothing is ready or running, which would stand still for ever",
        ]),
        (Retry(step="s2"), "fine", [
            "retries 's2' when asked about 's1'",
            "judges with a str, which is no verdict",
        ]),
        (None, "hang", ["inspects with a NoneType, which is no verdict", "did not judge within 0.05 seconds"]),
    ],
)  # fmt: skip
async def test_each_fault_is_a_sentence(inspected: object, judged: object, sentences: list[str]) -> None:
    found = await check_reflector(Reflector(inspected, judged), SERVICES, name="critic", timeout=0.05)
    assert found == tuple(f"reflector 'critic' {sentence}" for sentence in sentences)


async def test_a_reflector_may_take_a_moment_to_inspect() -> None:
    class Late(ScriptedReflector):
        async def inspect(  # type: ignore[override]
            self, step: Step, result: ToolResult | None, error: str, transcript: Transcript
        ) -> Verdict:
            await anyio.lowlevel.checkpoint()
            return super().inspect(step, result, error, transcript)

    assert await check_reflector(Late(), SERVICES) == ()


async def test_shapes_are_checked_first() -> None:
    assert await check_reflector(3, SERVICES) == (
        "reflector 'int' needs `def inspect(self, step, result, error, transcript)` and"
        " `async def judge(self, transcript, services)`",
    )
