"""More wording, and plans, from a larger model: rewords the goals of groups, or writes their plans anew.

    python -m training.distill --groups tools.jsonl --teacher http://127.0.0.1:8000/v1 --model qwen3-32b [--key env:NAME] > more.jsonl
    python -m training.distill … --plans                       # the teacher's plans in place of the generator's

The groups keep their tools and files; a goal that cannot be checked is left out, and a group without goals as well. `training.train`
takes the result as another `--groups`.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from .teacher import Teacher, TeacherFailed

AT_ONCE = 8


async def distilled(
    teacher: Teacher, group: Mapping[str, Any], *, plans: bool, slots: asyncio.Semaphore
) -> dict[str, Any]:
    """The group with the goals that the teacher changed and that hold what they must. Raises TeacherFailed."""

    async def one(goal: Mapping[str, Any]) -> dict[str, Any] | None:
        async with slots:
            return await (teacher.planned(goal, group) if plans else teacher.reworded(goal, group))

    made = await asyncio.gather(*map(one, group["goals"]))
    return {**group, "goals": [goal for goal in made if goal]}


async def distill(options: argparse.Namespace) -> tuple[int, int]:
    """Writes the groups to stdout; returns how many goals were asked about and how many kept."""
    asked = kept = 0
    slots = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=options.seconds)) as session:
        teacher = Teacher(session, options.teacher, options.model, secret(options.key))
        for line in Path(options.groups).read_text("utf-8").splitlines():
            group = json.loads(line)
            made = await distilled(teacher, group, plans=options.plans, slots=slots)
            asked, kept = asked + len(group["goals"]), kept + len(made["goals"])
            if made["goals"]:
                sys.stdout.write(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n")
    return asked, kept


def secret(reference: str) -> str:
    """`env:NAME` -> the variable's value. Raises SystemExit for anything else, so that no key stands in a command line."""
    if not reference:
        return ""
    scheme, _, name = reference.partition(":")
    if scheme != "env" or name not in os.environ:
        raise SystemExit(f"--key takes env:NAME with a variable that is set, not '{scheme}:…'.")
    return os.environ[name]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", required=True)
    parser.add_argument("--teacher", required=True, help="base URL of an OpenAI-compatible endpoint")
    parser.add_argument("--model", required=True)
    parser.add_argument("--key", default="", help="env:NAME")
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--seconds", type=float, default=120.0, help="for one answer at most")
    options = parser.parse_args()
    try:
        asked, kept = asyncio.run(distill(options))
    except TeacherFailed as failed:
        raise SystemExit(str(failed)) from None
    print(f"{kept} of {asked} goals kept", file=sys.stderr)


if __name__ == "__main__":
    main()
