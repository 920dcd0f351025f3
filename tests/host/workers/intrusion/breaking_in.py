"""A host with the intruder in a worker, as whoever starts this: `breaking_in.py FOLDER SANDBOX`, a script by itself.

FOLDER holds `permissions.toml`, `home/`, and `attempts.json`: a list of tool, arguments and, where one is needed, workspace and
attachments. It prints as JSON what became of each, or why the plugin does not start.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import anyio


async def main(folder: Path, sandbox: str) -> list[Any] | str:
    sys.path.insert(0, str(folder / "code"))
    import intruder  # type: ignore[import-not-found]

    from trivet.kernel import open_kernel
    from trivet.packages.trust import FIRST_PARTY
    from trivet.settings import load_settings
    from trivet_sdk.errors import PluginError, ToolError
    from trivet_sdk.testing import StandaloneCall
    from trivet_sdk.workspace import Workspace

    flags = {**{f"plugins.{id}.enabled": False for id in FIRST_PARTY}, "host.worker_sandbox": sandbox}
    found = []
    async with open_kernel(load_settings(folder / "home", flags, environ={}), (intruder,)) as kernel:
        record = await kernel.start("intruder")
        if record.state != "running":
            return record.reason
        for name, arguments, workspace, attachments in json.loads((folder / "attempts.json").read_text()):
            tool = await kernel.tool(f"intruder.{name}")
            arguments = {key: os.getpid() if value == "HOST" else value for key, value in arguments.items()}
            place = Workspace(Path(workspace), {name: Path(path) for name, path in attachments.items()})
            try:
                found.append((await tool.call(arguments, StandaloneCall(place))).value)
            except (PluginError, ToolError) as error:
                found.append(str(error))
    return found


if __name__ == "__main__":
    print(json.dumps(anyio.run(main, Path(sys.argv[1]), sys.argv[2])))
