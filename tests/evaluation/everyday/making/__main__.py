"""Write the suite: `python -m tests.evaluation.everyday.making` in the root. With `--check`, only say whether goals.jsonl is what it should be."""

import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.evaluation.everyday.making import (
    allotment,
    apiary,
    cinema,
    elsewhere,
    fleet,
    guesthouse,
    home,
    hut,
    orchard,
    pool,
    repairs,
    voices,
    voices_more,
)

HERE = Path(__file__).parent.parent


def written(folder: Path) -> str:
    """Writes the files into `workspace/` and `web/` of the folder; returns the goals."""
    workspace, web = folder / "workspace", folder / "web"
    lines = [
        *repairs.build(workspace / "repairs"),
        *home.build(workspace / "home"),
        *guesthouse.build(workspace / "民宿"),
        *apiary.build(workspace / "apiary"),
        *fleet.build(workspace / "fleet"),
        *elsewhere.build(),
        *cinema.build(workspace / "cinema", web),
        *orchard.build(workspace / "orchard", web),
        *allotment.build(workspace / "allotment", web),
        *hut.build(workspace / "hut", web),
        *pool.build(workspace / "pool", web),
        *voices.build(workspace),
        *voices_more.build(workspace, web),
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


if __name__ == "__main__":
    if "--check" in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            sys.exit(written(Path(folder)) != (HERE / "goals.jsonl").read_text("utf-8"))
    for part in ("workspace", "web"):
        shutil.rmtree(HERE / part, ignore_errors=True)
    goals = written(HERE)
    (HERE / "goals.jsonl").write_text(goals, "utf-8")
    print(dict(Counter(json.loads(line)["class"] for line in goals.splitlines())), goals.count("\n"), "goals")
