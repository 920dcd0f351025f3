"""`python -m trivet.authoring.in_worker ID [PYTHON] --lines`: the suite through a worker's stand-ins, as the host has them.

The worker is of this environment, or of the one that PYTHON belongs to. The plugin is found as the host finds it; the
process that starts this one puts it on the path.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import msgspec

from trivet.kernel.bus import Bus
from trivet.kernel.context import HostContext
from trivet.kernel.discovery import Candidate, discover
from trivet.kernel.registry import Registry, Share
from trivet.kernel.scan import search_path
from trivet.kernel.workers import WorkerBody
from trivet.packages import package_data
from trivet.settings import Settings, load_settings
from trivet_sdk.configuration import configured
from trivet_sdk.conformance import Given, examine
from trivet_sdk.conformance.watched import Lines
from trivet_sdk.errors import WeightsMissing
from trivet_sdk.manifest import Manifest


def main() -> None:
    lines = Lines()
    given = lines.given()
    lines.tell({"now": "life"})
    python = Path(sys.argv[2]) if sys.argv[2] != "--lines" else None
    with TemporaryDirectory(prefix="trivet-home-") as home:
        candidate = next((each for each in discover(Path(home)) if each.id == sys.argv[1]), None)
        if candidate is None or candidate.manifest is None:
            problem = candidate.problem if candidate is not None else "there is no such entry point"
            lines.tell({"broken": f"is not found by a host: {problem}"})
            os._exit(1)
        manifest = candidate.manifest
        if python is not None:  # it was copied from this one, where packages may be installed from their folders
            candidate = msgspec.structs.replace(candidate, path=search_path(python.parents[1]))
        settings = msgspec.structs.replace(load_settings(), home=Path(home))
        found = anyio.run(_examined, candidate, manifest, given, lines, python, settings)
    lines.tell({"examined": msgspec.to_builtins(found)})
    os._exit(0)


async def _examined(
    candidate: Candidate, manifest: Manifest, given: Given, lines: Lines, python: Path | None, settings: Settings
) -> Any:
    os.environ.update(given.secrets)  # where the host looks for a secret about which settings say nothing
    config = _config(candidate, manifest, given)

    def weights_at(name: str) -> Path:
        if name not in given.weights:
            raise WeightsMissing(name)
        return Path(given.weights[name])

    def weights_places() -> tuple[Path, ...]:
        return tuple(map(Path, given.weights.values()))

    def body() -> WorkerBody:
        share = Share(Registry(), manifest)
        context = HostContext(
            manifest, config, settings, Bus(), share, weights_at, lambda reason: None, lambda: None, weights_places
        )
        return WorkerBody(candidate, manifest, context, python=python)

    return await examine(manifest, lambda: body().open(), given, tell=lambda subject: lines.tell({"now": subject}))


def _config(candidate: Candidate, manifest: Manifest, given: Given) -> dict[str, Any]:
    """With the defaults of the schema. What does not fit is said by the suite that runs in process."""
    if not manifest.config.schema:
        return dict(given.settings)
    schema = msgspec.json.decode(package_data.read(candidate.package, manifest.config.schema))
    config: dict[str, Any] = configured(schema, dict(given.settings))[0]
    return config


if __name__ == "__main__":
    main()
