"""Write down the default tools' specs, so that training shows the model the very signatures it meets at work.

python -m training.capture        # needs the tool plugins installed; rewrites training/specs.json
"""

import json
from importlib import import_module
from pathlib import Path

from trivet_sdk import ToolSpec

SPECS = Path(__file__).with_name("specs.json")
PLUGINS = ("calculate", "files", "table")


def captured() -> dict[str, dict[str, object]]:
    found = {}
    for plugin in PLUGINS:
        module = import_module(f"trivet_{plugin}.tools")
        for tool in vars(module).values():
            if isinstance(spec := getattr(tool, "spec", None), ToolSpec):
                found[f"{plugin}.{spec.name.rpartition('.')[2]}"] = spec.parameters
    return found


if __name__ == "__main__":
    SPECS.write_text(json.dumps(captured(), ensure_ascii=False, indent=1, sort_keys=False) + "\n", "utf-8")
