"""Models of the settings, as their backends are told of them."""

from pathlib import Path

import pytest

from trivet.app import open_host
from trivet.settings import load_settings
from trivet_sdk import Contributions
from trivet_sdk.testing import EmbeddedPlugin, ScriptedModel

pytestmark = pytest.mark.anyio


async def test_what_the_host_alone_reads_is_not_handed_to_a_backend_that_would_refuse_it(tmp_path: Path) -> None:
    backend = ScriptedModel("")
    settings = load_settings(
        tmp_path,
        {"models.large.backend": "shelf", "models.large.weights": "tiny", "models.large.optional": True},
        environ={},
    )
    async with open_host(
        settings, plugins=(EmbeddedPlugin("shelf", Contributions(models={"shelf": backend})),)
    ) as host:
        await host.kernel.model("large")
    assert backend.definitions == {"large": {"weights": "tiny"}}
