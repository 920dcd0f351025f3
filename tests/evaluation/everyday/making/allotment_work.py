"""Goals over the allotment gardens that compare, take several steps or leave a file, and those in Chinese."""

from datetime import date
from typing import Any

from tests.evaluation.everyday.making.allotment_figures import columns, mean, ranked, total, totals
from tests.evaluation.everyday.making.allotment_files import ABROAD, MARKET, PRICES_2025, PRICES_2026, Garden
from tests.evaluation.everyday.making.goal import goal, number, words


def goals(garden: Garden) -> list[dict[str, Any]]:
    return [*_compare(garden), *_steps(garden), *_files(garden), *_conversions(garden), *_chinese(garden)]


def _used(garden: Garden) -> list[dict[str, Any]]:
    """The meters with the section of their plot and what ran through."""
    section = {p["plot"]: p["section"] for p in garden.plots}
    return [{**m, "section": section[m["plot"]], "m3": m["end_m3"] - m["start_m3"]} for m in garden.meters]


def _compare(garden: Garden) -> list[dict[str, Any]]:
    months = totals([{**w, "month": w["day"][5:7]} for w in garden.weather], "month", "rain_mm")
    area = {p["member"]: p["area_m2"] for p in garden.plots}
    used = totals(_used(garden), "section", "m3")
    beds = {bed: mean(garden.soil, "moisture_pct", bed=bed) for bed in ("birch", "dill")}
    member = {m["member"]: m["name"] for m in garden.members}
    rises = [
        value
        for table, prices in PRICES_2026.items()
        for key, value in prices.items()
        if value != PRICES_2025[table][key]
    ]

    def more(id: str, text: str, figures: dict[str, float], tolerance: float = 0.06) -> dict[str, Any]:
        (one, two), most = figures, ranked(figures, tolerance)[0]
        return goal(id, "compare", text, number(figures[one] - figures[two], tolerance, sign="any", answer_contains_all=[[most, member[most]] if most in member else most]))  # fmt: skip

    return [
        more("allotment/may-june", "was there more rain in May or in June 2025? by how many mm", {"May": months["05"], "June": months["06"]}),
        more("allotment/larger-plot", "Who has the larger plot, M104 or M131, and how many square metres larger is it?", {"M104": area["M104"], "M131": area["M131"]}, 0),
        more("allotment/section-water", "Which section used more water, railway or pond? By how many cubic metres? (meters.csv, the sections are in plots.csv)", {"railway": used["railway"], "pond": used["pond"]}),
        more("allotment/birch-dill", "Compare the average moisture of the beds birch and dill. Which is moister, and by how many percentage points (2 decimals)?", beds, 0.006),
        goal("allotment/price-rises", "compare", "Which prices are different in prices-2026.toml from those in prices-2025.toml, and what are the new ones?",
             {"answer_contains_all": [["per_m2", "rent"], ["per_m3", "water"], ["key"]], "answer_numbers_all": [[value, 0.001] for value in rises], "max_numbers": 6}),
        goal("allotment/strangers", "compare", "Who is on the list party/guests.txt but not in members.csv?", words(*[g for g in garden.guests if g not in member.values()], answer_not_contains=[g for g in garden.guests if g in member.values()])),
    ]  # fmt: skip


def _steps(garden: Garden) -> list[dict[str, Any]]:
    crops, section = totals(garden.harvest, "crop", "kg"), {p["plot"]: p["section"] for p in garden.plots}
    pond = sum(h["kg"] for h in garden.harvest if section[h["plot"]] == "pond")
    area = next(p["area_m2"] for p in garden.plots if p["member"] == "M108")
    largest = ranked({p["plot"]: p["area_m2"] for p in garden.plots if p["member"]})[0]
    holder = next(p["member"] for p in garden.plots if p["plot"] == largest)
    name = next(m["name"] for m in garden.members if m["member"] == holder)
    water = sum(m["m3"] for m in _used(garden)) * PRICES_2025["water"]["per_m3"]
    warm = mean(garden.soil, "temp_c", bed="clover") * 9 / 5 + 32
    missing = sum(max(0, 8 - m["work_hours"]) for m in garden.members) * PRICES_2025["fines"]["missed_hour"]
    return [
        goal("allotment/pond-kg", "multi-step", "How many kg came from the plots of the pond section? Sections are in plots.csv, the harvest in harvest.jsonl.", number(pond, 0.06)),
        goal("allotment/rent", "multi-step", "What rent does M108 pay for the area of the plot in 2025? The price per m2 is in prices-2025.toml.", number(area * PRICES_2025["rent"]["per_m2"], 0.006)),
        goal("allotment/largest", "multi-step", "who has the largest plot (name please) and how many kg were harvested there", number(total(garden.harvest, "kg", plot=largest), 0.06, answer_contains_all=[name])),
        goal("allotment/water-cost", "multi-step", "Work out how many cubic metres all meters counted together, multiply it by the price per m3 in prices-2025.toml and save the amount with two decimals in results/water.txt.",
             {"file": "results/water.txt", "numbers": [[water, 0.006]]}),
        goal("allotment/closing", "multi-step", "Read {web}/water-notice.txt. How many days does the summer pipe stay closed?", number((date(2026, 3, 16) - date(2025, 11, 3)).days)),
        goal("allotment/market-value", "multi-step", "What would all the tomatoes we harvested fetch at the price in {web}/market-prices.csv?", number(crops["tomatoes"] * MARKET["tomatoes"], 0.011)),
        goal("allotment/clover-warmth", "multi-step", "mean temp_c of the clover bed in soil.parquet, in Fahrenheit with one decimal, into results/clover.txt", {"file": "results/clover.txt", "numbers": [[warm, 0.06]]}),
        goal("allotment/hours-due", "multi-step", "Every member owes eight hours of common work; whoever worked less pays the fine in prices-2025.toml for each missing hour. What do the fines of all members come to?", number(missing, 0.01)),
    ]  # fmt: skip


def _files(garden: Garden) -> list[dict[str, Any]]:
    vacant = [p for p in garden.plots if not p["member"]]
    unpaid = [m for m in garden.members if m["paid"] == "no"]
    paid = [m["name"] for m in garden.members if m["paid"] == "yes"]
    crops = totals(garden.harvest, "crop", "kg")
    top = sorted((h["kg"] for h in garden.harvest), reverse=True)[:10]
    hot = [w["day"] for w in garden.weather if w["tmax_c"] > 28]
    return [
        goal("allotment/vacant-list", "write-file", "Save the plots without a member in results/vacant.csv (columns plot, section, area_m2; largest first).",
             {"file": "results/vacant.csv", "rows": len(vacant), "columns": ["plot", "section", "area_m2"], "sum": {"area_m2": [sum(p["area_m2"] for p in vacant), 0]}, "sorted": {"column": "area_m2", "descending": True}}),
        goal("allotment/reminders", "write-file", "Write member and name of everyone who hasn't paid to results/reminders.json.",
             {"file": "results/reminders.json", "rows": len(unpaid), "columns": ["member", "name"], "contains": [unpaid[0]["name"], unpaid[-1]["member"]], "not_contains": paid[:2]}),
        goal("allotment/crop-totals", "write-file", "I need results/crops.csv with the columns crop and kg: the total of every crop in harvest.jsonl, sorted by crop.",
             {"file": "results/crops.csv", "rows": len(crops), "columns": ["crop", "kg"], "sorted": {"column": "crop"}, "cells": [{"where": {"crop": crop}, "column": "kg", "value": round(kg, 1), "tolerance": 0.06} for crop, kg in crops.items()]}),
        goal("allotment/note", "write-file", "make a file door/note.txt that says: Shed locked until Monday, keys at plot P09", {"file": "door/note.txt", "text": "Shed locked until Monday, keys at plot P09"}),
        goal("allotment/hot-days", "write-file", "the dates of all days with tmax_c over 28 in weather/2025.tsv, one per line, nothing else, in results/hot.txt", {"file": "results/hot.txt", "lines": hot}),
        goal("allotment/top-ten", "write-file", "Put the ten heaviest entries of harvest.jsonl into results/top10.csv, all columns, heaviest first.",
             {"file": "results/top10.csv", "rows": 10, "columns": columns(garden.harvest), "sum": {"kg": [sum(top), 0.01]}, "sorted": {"column": "kg", "descending": True}}),
        goal("allotment/new-fine", "write-file", "Copy rules.md to drafts/rules-2026.md, but with 40 euro instead of 25 euro for lending a gate card.", {"file": "drafts/rules-2026.md", "contains": ["fine of 40 euro", "Trampolines need the consent"], "not_contains": ["25 euro"]}),
    ]  # fmt: skip


def _conversions(garden: Garden) -> list[dict[str, Any]]:
    june = [w for w in garden.weather if w["day"][5:7] == "06"]
    return [
        goal("allotment/seedlings", "convert", "Turn the attached table into JSON, a list of records, and save it as results/seedlings.json.",
             {"file": "results/seedlings.json", "rows": len(garden.seedlings), "columns": columns(garden.seedlings), "sum": {"plants": [total(garden.seedlings, "plants"), 0]}}, ("seedlings.tsv",)),
        goal("allotment/soil-csv", "convert", "Convert soil.parquet to CSV (results/soil.csv).", {"file": "results/soil.csv", "rows": len(garden.soil), "columns": columns(garden.soil), "sum": {"moisture_pct": [total(garden.soil, "moisture_pct"), 0.1]}}),
        goal("allotment/umlauts", "convert", "alt/mitglieder.csv is in Latin-1 with semicolons. Make a UTF-8 file with commas out of it: alt/mitglieder-utf8.csv",
             {"file": "alt/mitglieder-utf8.csv", "rows": 4, "columns": ["name", "ort", "eintritt"], "contains": ["Jürgen Köhler", "Renée Groß", "María Peña"], "sum": {"eintritt": [total(ABROAD, "eintritt"), 0]}}),
        goal("allotment/prices-json", "convert", "I'd like prices-2026.toml as JSON in results/prices.json.", {"file": "results/prices.json", "json": [[f"{table}.{key}", value] for table, prices in PRICES_2026.items() for key, value in prices.items()]}),
        goal("allotment/shop-tsv", "convert", "save shop.json as tab separated file results/shop.tsv", {"file": "results/shop.tsv", "rows": len(garden.shop), "columns": columns(garden.shop), "sum": {"stock": [total(garden.shop, "stock"), 0]}}),
        goal("allotment/june-weather", "convert", "The June rows of weather/2025.tsv as JSON Lines, please, in results/june.jsonl", {"file": "results/june.jsonl", "rows": len(june), "columns": columns(june), "sum": {"rain_mm": [total(june, "rain_mm"), 0.05]}}),
    ]  # fmt: skip


def _chinese(garden: Garden) -> list[dict[str, Any]]:
    hours = totals(garden.duty, "姓名", "小时")
    first = ranked(hours)[0]
    dear = max(garden.seeds, key=lambda s: s["单价"])
    price = {s["名称"]: s["单价"] for s in garden.seeds}
    return [
        goal("allotment/zh-watering", "chinese", "东区每周哪几天可以浇水，几点以后？", {"answer_contains_all": [["周二", "星期二"], ["周五", "星期五"], ["七点", "7点", "19:00", "19点", "7:00"]]}),
        goal("allotment/zh-dearest", "chinese", "文档/种子.csv 里单价最高的是哪种种子，多少钱一包？", number(dear["单价"], 0.001, answer_contains_all=[dear["名称"]])),
        goal("allotment/zh-duty", "chinese", "根据值班表，谁的值班时间加起来最长？一共多少小时？", number(hours[first], 0.01, answer_contains_all=[first])),
        goal("allotment/zh-minutes", "chinese", "用两三句话概括一下文档/会议记录.md 的主要内容。",
             {"answer_at_least": [2, [["玻璃", "马建国", "480"], ["辣椒", "周敏"], ["密码", "门锁"], ["5月13日", "五月十三日", "小礼堂"]]], "max_chars": 250}),
        goal("allotment/zh-days", "chinese", "植树活动和收获节之间隔多少天？日期在通知里。", number((date(2025, 9, 27) - date(2025, 3, 15)).days)),
        goal("allotment/zh-json", "chinese", "请把 文档/值班.tsv 转换成 JSON，保存为 文档/值班.json", {"file": "文档/值班.json", "rows": len(garden.duty), "columns": columns(garden.duty), "sum": {"小时": [total(garden.duty, "小时"), 0.01]}}),
        goal("allotment/zh-order", "chinese", "买15包番茄种子和8包豆角种子，打九折以后要付多少元？单价在 文档/种子.csv。", number((15 * price["番茄"] + 8 * price["豆角"]) * 0.9, 0.006)),
    ]  # fmt: skip
