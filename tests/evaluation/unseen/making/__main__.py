"""Write the suite: `python -m tests.evaluation.unseen.making` in the root. With `--check`, only say whether goals.jsonl is
what it should be."""

import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.evaluation.unseen.making import files, goals

HERE = Path(__file__).parent.parent


def written(workspace: Path) -> str:
    """Writes the files; returns the goals."""
    lines = goals.lines(files.build(workspace))
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


if __name__ == "__main__":
    if "--check" in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            sys.exit(written(Path(folder) / "workspace") != (HERE / "goals.jsonl").read_text("utf-8"))
    shutil.rmtree(HERE / "workspace", ignore_errors=True)
    text = written(HERE / "workspace")
    (HERE / "goals.jsonl").write_text(text, "utf-8")
    print(Counter((line["class"], line["split"]) for line in map(json.loads, text.splitlines())))
