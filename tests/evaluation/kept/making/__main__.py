"""Write the suite: `python -m tests.evaluation.kept.making` in the root. With `--check`, say whether goals and files are what they should be."""

import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import duckdb
import openpyxl

from tests.evaluation.kept.making import choir, ferry, night_school

HERE = Path(__file__).parent.parent


def written(workspace: Path) -> str:
    """Writes the files; returns the goals."""
    lines = [
        *choir.build(workspace / "choir"),
        *ferry.build(workspace / "ferry"),
        *night_school.build(workspace / "夜校"),
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def content(path: Path) -> object:
    """Bytes; of a workbook and of a sound Parquet file the rows, because their bytes change with the library that writes them."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        rows = [list(sheet.iter_rows(values_only=True)) for sheet in book]
        book.close()
        return rows
    if path.suffix == ".parquet" and path.read_bytes().endswith(b"PAR1"):
        return duckdb.connect().execute("select * from read_parquet(?)", [str(path)]).fetchall()
    return path.suffix == ".parquet" or path.read_bytes()


def files(workspace: Path) -> dict[str, object]:
    return {path.relative_to(workspace).as_posix(): content(path) for path in workspace.rglob("*") if path.is_file()}


def differences() -> list[str]:
    """Names of files that are not what the making yields."""
    with tempfile.TemporaryDirectory() as folder:
        goals = written(Path(folder))
        made, kept = files(Path(folder)), files(HERE / "workspace")
    changed = [name for name in sorted(made.keys() | kept.keys()) if made.get(name) != kept.get(name)]
    return [*changed, *(["goals.jsonl"] if goals != (HERE / "goals.jsonl").read_text("utf-8") else [])]


if __name__ == "__main__":
    if "--check" in sys.argv:
        print(*(found := differences()), sep="\n")
        sys.exit(bool(found))
    shutil.rmtree(HERE / "workspace", ignore_errors=True)
    goals = written(HERE / "workspace")
    (HERE / "goals.jsonl").write_text(goals, "utf-8")
    print(dict(Counter(json.loads(line)["class"] for line in goals.splitlines())), goals.count("\n"), "goals")
