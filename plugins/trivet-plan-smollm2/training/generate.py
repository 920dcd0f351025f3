"""Synthetic goals and plans, in groups that share a context.

    python -m training.generate --groups 2000 --seed 1 [--tools] [--held] > groups.jsonl

Without `--tools` the goals are about files, with the default tools and now and then an invented one; with it they are about randomly
composed sets of invented tools, `--held` those of the domains that are never trained on.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from training import (
    catalogue,
    chinese,
    chinese_tables,
    goals_calc,
    goals_chain,
    goals_figure,
    goals_group,
    goals_log,
    goals_refuse,
    goals_row,
    goals_steps,
    goals_text,
    goals_write,
    invented,
    relations,
    tool_groups,
    toolset,
)
from training.domains import domains
from training.drafts import Draft, Setting, typed
from training.tables import table, twin
from training.validation import faults

Maker = Callable[[Setting, Random], Draft | None]


def _on_table(make: Callable[..., Draft | None]) -> Maker:
    def maker(setting: Setting, rng: Random) -> Draft | None:
        return make(rng.choice(setting.tables), setting, rng) if setting.tables else None

    return maker


MAKERS: list[tuple[float, Maker]] = [
    (9, _on_table(goals_figure.count)), (2, _on_table(goals_figure.distinct)), (9, _on_table(goals_figure.figure)), (6, _on_table(goals_group.grouped)),
    (7, _on_table(goals_group.best_group)), (1.5, _on_table(goals_group.top_groups)), (7, _on_table(goals_row.lookup)), (4, _on_table(goals_row.top_one)),
    (0.7, _on_table(goals_row.top_date)), (2, _on_table(goals_row.top_n)), (4, _on_table(goals_row.listed)), (1.5, _on_table(goals_row.sorting)), (0.8, _on_table(goals_row.describe)),
    (10, _on_table(goals_write.save_list)), (3, _on_table(goals_write.save_sorted)), (2, _on_table(goals_write.save_top)), (4, _on_table(goals_write.save_group)),
    (3.5, _on_table(goals_write.save_figure)), (2, _on_table(goals_write.best_and_save)), (4, _on_table(goals_write.convert)), (0.4, _on_table(goals_write.convert_beside)),
    (7, _on_table(goals_steps.compare)), (3.5, _on_table(goals_steps.share)), (2, _on_table(goals_steps.spread)), (4, _on_table(goals_steps.then_arithmetic)),
    (3, _on_table(goals_steps.ratio)), (14, _on_table(goals_steps.product)), (16, _on_table(goals_steps.linked)), (14, _on_table(goals_steps.joined)),
    (4, _on_table(goals_chain.order_cost)), (2, _on_table(goals_chain.gap)), (4, _on_table(goals_chain.in_unit)), (4, _on_table(goals_chain.day_of)),
    (1, _on_table(goals_chain.balance)), (3, _on_table(goals_chain.computed_and_saved)),
    (34, goals_log.log), (24, goals_text.find), (6, goals_text.summarise), (2, goals_text.read), (1, goals_text.list_files), (1.5, goals_text.write),
    (5, goals_calc.evaluate), (2.5, goals_calc.units), (3.5, goals_calc.dates),
    (5, goals_refuse.outside), (9, goals_refuse.missing_column), (1.2, goals_refuse.missing_file), (2, goals_refuse.other_topic), (6, goals_refuse.ambiguous), (12, goals_refuse.empty_file),
]  # fmt: skip


def setting_of(rng: Random) -> Setting:
    """One to three files: tables, perhaps with a partner table, a text, a log."""
    setting = Setting(tables=[])
    form = rng.random()
    chosen = rng.sample(domains(), 2)
    if form < 0.95:
        setting.tables.append(table(chosen[0], rng))
    if form < 0.3:
        partner = relations.partner(setting.tables[0], rng)
        if partner and partner.path != setting.tables[0].path:
            setting.tables.append(partner)
    elif form < 0.48:
        setting.tables.append(table(chosen[1], rng))
    elif form < 0.55 and setting.tables:
        setting.tables.append(twin(setting.tables[0], rng))
    if rng.random() < 0.4 or not setting.tables:
        topic = rng.choice(goals_text.topics())
        setting.others.append(goals_text.card(topic, rng))
    if len(setting.paths) < 3 and rng.random() < 0.06:
        setting.others.append(goals_refuse.empty_card(rng))
    if len(setting.paths) < 3 and rng.random() < 0.2:
        setting.others.append(goals_log.card(rng))
    if len(setting.paths) < 3 and rng.random() < 0.12:
        topic = rng.choice([t for t in goals_text.topics() if not any(c["path"] in t.paths for c in setting.others)])
        setting.others.append(goals_text.card(topic, rng))
    return setting


def group(rng: Random) -> dict[str, Any]:
    """One context and the goals over it, all plans valid."""
    while True:
        speaks_chinese = rng.random() < 0.09
        setting = chinese_tables.setting_of(rng) if speaks_chinese else setting_of(rng)
        if len({p.lower() for p in setting.paths}) < len(setting.paths):
            continue
        tools = {}
        names = set[str]()
        own = []
        for invention in rng.sample(catalogue.inventions(), rng.choice([0, 1, 1, 1])):
            tool = invented.offered(invention, rng, names)
            names.add(tool.spec["name"])
            own.append(tool)
            tools[tool.spec["name"]] = tool.spec
        drafts = _drafts(setting, own, tools, rng, [(1, chinese.goal)] if speaks_chinese else MAKERS)
        if len(drafts) >= 5:
            break
    offered = _padded(tools, drafts, rng)
    cards = [t.card() for t in setting.tables] + setting.others
    rng.shuffle(cards)
    shown = frozenset(str(v).lower() for c in cards for column in c["columns"] for v in column["examples"])
    goals = []
    for draft in drafts:
        draft = typed(draft, rng, shown)
        goals.append({"goal": draft.goal, "plan": draft.plan, "class": draft.kind})
    made = {"tools": offered, "files": cards, "goals": goals}
    wrong = faults(made)
    if wrong:
        if len(wrong) > 2:
            return group(rng)
        bad = {w.split("'")[1] if "'" in w else w for w in wrong}
        made["goals"] = [g for g in goals if not faults({**made, "goals": [g]})] or goals[:0]
        assert bad
    return made if len(made["goals"]) >= 4 else group(rng)


def _drafts(
    setting: Setting, own: list[invented.Offered], tools: dict[str, Any], rng: Random, makers: list[tuple[float, Maker]]
) -> list[Draft]:
    """Goals whose tools together are few enough for one context."""
    most = rng.randint(max(4, len(own) + 3), 6)
    wanted = rng.randint(6, 8)
    drafts = list[Draft]()
    needed = set(tools)
    for tool in own:
        for _ in range(rng.choice([1, 1, 1, 2])):
            draft = invented.goal(tool, setting, rng)
            if draft and all(draft.goal != d.goal for d in drafts):
                drafts.append(draft)
    weights = [weight for weight, _ in makers]
    for _ in range(140):
        if len(drafts) >= wanted:
            break
        _, maker = rng.choices(makers, weights)[0]
        draft = maker(setting, rng)
        if draft is None or any(draft.goal == d.goal for d in drafts):
            continue
        union = needed | set(draft.tools)
        if len(union) > most or _excluded(draft, [tools.get(n, {"name": n, "summary": ""}) for n in union]):
            continue
        if any(_excluded(d, [{"name": n, "summary": ""} for n in draft.tools]) for d in drafts):
            continue
        if draft.plan[0]["tool"] in ("ask", "none") and sum(d.plan[0]["tool"] in ("ask", "none") for d in drafts) > 1:
            continue
        needed = union
        drafts.append(draft)
    rng.shuffle(drafts)
    return drafts


def _excluded(draft: Draft, tools: list[dict[str, Any]]) -> bool:
    return any(word in f"{t['name']} {t['summary'].lower()}" for word in draft.absent for t in tools)


def _padded(own: dict[str, Any], drafts: list[Draft], rng: Random) -> list[dict[str, Any]]:
    """The tools that are needed, and others up to a random number, in random order."""
    found = dict(own)
    for draft in drafts:
        for name in draft.tools:
            if name not in found:
                found[name] = toolset.spec(name, rng)
    size = max(len(found), rng.randint(3, 6))
    for _ in range(40):
        if len(found) >= size:
            break
        spec = (
            toolset.spec(rng.choice(list(toolset.PARAMETERS)), rng)
            if rng.random() < 0.6
            else invented.offered(rng.choice(catalogue.inventions()), rng, set(found)).spec
        )
        if spec["name"] in found or any(_excluded(d, [spec]) for d in drafts):
            continue
        found[spec["name"]] = spec
    tools = list(found.values())
    rng.shuffle(tools)
    return tools


def groups(count: int, seed: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield group(Random(f"{seed}/{number}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tools", action="store_true")
    parser.add_argument("--held", action="store_true")
    chosen = parser.parse_args()
    if chosen.held and not chosen.tools:
        parser.error("--held chooses among tools: add --tools.")
    of_tools = tool_groups.groups(chosen.groups, chosen.seed, held=chosen.held)
    for made in of_tools if chosen.tools else groups(chosen.groups, chosen.seed):
        sys.stdout.write(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
