"""Write the suite: `python -m tests.evaluation.goals.making` in the root. With `--check`, only say whether goals.jsonl is what it should be."""

import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.evaluation.goals.making import astronomy, bakery, clinic, hiking, library, teashop, webshop

HERE = Path(__file__).parent.parent
FOLDERS = {
    "bakery": bakery,
    "library": library,
    "hiking": hiking,
    "clinic": clinic,
    "astronomy": astronomy,
    "webshop": webshop,
    "teashop": teashop,
}


def written(workspace: Path) -> str:
    """Writes the files; returns the goals."""
    lines = [goal for name, folder in FOLDERS.items() for goal in folder.build(workspace / name)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


if __name__ == "__main__":
    if "--check" in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            sys.exit(written(Path(folder)) != (HERE / "goals.jsonl").read_text("utf-8"))
    shutil.rmtree(HERE / "workspace", ignore_errors=True)
    goals = written(HERE / "workspace")
    (HERE / "goals.jsonl").write_text(goals, "utf-8")
    lines = [json.loads(line) for line in goals.splitlines()]
    for key in ("class", "split", "steps"):
        print(dict(Counter(line[key] for line in lines)))
    print(len(lines), "goals")
