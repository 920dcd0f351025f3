"""Chinese goals about tables: times, ranks, comparisons, shares, and names that are English on one of the two sides."""

from typing import Any

import pytest

from trivet_plan_smollm2.prompt import Column, FileCard
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.tables.reading_zh import reading_of
from trivet_plan_smollm2.words.spans import read_goal

ORDERS = FileCard(
    path="订单.csv",
    rows=400,
    columns=(
        Column(name="单号", examples=("D1", "D2"), distinct=400),
        Column(name="日期", type="date", min="2024-02-01", max="2024-07-31", distinct=150),
        Column(name="品名", examples=("红糖", "白糖", "冰糖"), distinct=3),
        Column(name="门店", examples=("东门店", "西门店"), distinct=2),
        Column(name="状态", examples=("已付款", "已退货"), distinct=2),
        Column(name="数量", type="integer", min=1, max=30, distinct=30),
        Column(name="单价", type="number", min=2, max=20, distinct=12),
    ),
)
SALES = FileCard(
    path="sales.csv",
    rows=300,
    columns=(
        Column(name="day", type="date", min="2024-01-01", max="2024-03-31", distinct=90),
        Column(name="item", examples=("scone", "bagel"), distinct=2),
        Column(name="sold", type="integer", min=1, max=60, distinct=40),
    ),
)


def told(goal: str, card: FileCard) -> dict[str, Any]:
    reading = reading_of(read_goal(goal, [card.path]), card)
    assert reading is not None
    assert reading.is_about_rows, reading.unexplained
    where = [(test["column"], test["op"], test["value"]) for test in reading.where]
    names = ("function", "column", "group_by", "limit", "pair")
    return {"where": where} | {name: getattr(reading, name) for name in names if getattr(reading, name)}


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ("2024年5月有多少个订单？", {"function": "count", "where": [("日期", "=", "2024-05")]}),
        ("3月到5月红糖一共卖了多少", {"function": "sum", "column": "数量",
                           "where": [("品名", "=", "红糖"), ("日期", ">=", "2024-03"), ("日期", "<=", "2024-05")]}),
        ("5月和6月哪个月的订单更多？", {"function": "count", "where": [], "pair": ("日期.month", "2024-05", "2024-06")}),
        ("红糖比白糖多卖了多少", {"function": "sum", "column": "数量", "where": [], "pair": ("品名", "红糖", "白糖")}),
        ("哪种糖卖得最少？", {"function": "sum", "column": "数量", "group_by": "品名", "where": [], "limit": 1}),
        ("销量前两名的品名", {"function": "sum", "column": "数量", "group_by": "品名", "where": [], "limit": 2}),
        ("东门一共赚了多少钱", {"function": "sum", "column": "数量 * 单价", "where": [("门店", "=", "东门店")]}),
        ("退货的订单有几个", {"function": "count", "where": [("状态", "=", "已退货")]}),
        ("除了冰糖以外一共有多少订单", {"function": "count", "where": [("品名", "!=", "冰糖")]}),
        ("麻烦您按门店统计一下订单数量，谢谢", {"function": "count", "group_by": "门店", "where": []}),
        ("三月份有多少订单", {"function": "count", "where": [("日期", "=", "2024-03")]}),
        ("2024年第二季度一共卖了多少", {"function": "sum", "column": "数量",
                               "where": [("日期", ">=", "2024-04"), ("日期", "<=", "2024-06")]}),
        ("哪个月卖得最多，是多少", {"function": "sum", "column": "数量", "group_by": "日期.month", "where": [], "limit": 1}),
        ("哪家店卖得最多", {"function": "sum", "column": "数量", "group_by": "门店", "where": [], "limit": 1}),
        ("最常见的品名是什么", {"function": "count", "group_by": "品名", "where": [], "limit": 1}),
        ("红糖的单价比白糖高吗", {"function": "mean", "column": "单价", "where": [], "pair": ("品名", "红糖", "白糖")}),
        ("还没退货的订单有多少", {"function": "count", "where": [("状态", "!=", "已退货")]}),
        ("数量超过20的订单有多少", {"function": "count", "where": [("数量", ">", 20)]}),
    ],
)  # fmt: skip
def test_what_is_said_finds_its_place(goal: str, wanted: dict[str, Any]) -> None:
    assert told(goal, ORDERS) == wanted


def test_columns_may_have_english_names() -> None:
    assert told("sales.csv 里 scone 一共卖了多少", SALES) == {
        "function": "sum", "column": "sold", "where": [("item", "=", "scone")],
    }  # fmt: skip


def test_an_english_goal_is_read_with_the_values_that_it_has() -> None:
    assert told("How many 红糖 did 东门店 sell? 订单.csv", ORDERS) == {
        "function": "sum", "column": "数量", "where": [("品名", "=", "红糖"), ("门店", "=", "东门店")],
    }  # fmt: skip


@pytest.mark.parametrize(
    "goal", ["订单.csv 里便宜的红糖有多少", "订单.csv 的利润是多少", "哪个门店的评价最高 订单.csv"]
)
def test_characters_that_have_no_place_are_not_left_out(goal: str) -> None:
    reading = reading_of(read_goal(goal, [ORDERS.path]), ORDERS)
    assert reading is None or not reading.is_about_rows


def test_a_share_is_told_from_a_count() -> None:
    reading = reading_of(read_goal("退货占百分之几？", [ORDERS.path]), ORDERS)
    assert isinstance(reading, Reading)
    assert (reading.function, reading.share_of, len(reading.where)) == ("count", (), 1)


def test_nothing_is_found_in_a_time_that_the_table_does_not_reach() -> None:
    reading = reading_of(read_goal("2022年有多少个订单？", [ORDERS.path]), ORDERS)
    assert isinstance(reading, Reading)
    assert reading.beyond == "订单.csv 里没有 2022 的日期：只有 2024-02-01 到 2024-07-31。"


def test_a_share_may_be_one_of_a_part() -> None:
    reading = reading_of(read_goal("红糖的订单里退货的占多大比例？", [ORDERS.path]), ORDERS)
    assert isinstance(reading, Reading)
    assert reading.share_of == ({"column": "品名", "op": "=", "value": "红糖"},)


def test_a_mean_that_is_ranked_is_not_one_of_all() -> None:
    assert reading_of(read_goal("平均单价最高的糖", [ORDERS.path]), ORDERS) is None


def test_who_ranks_highest_in_a_list_of_people_is_a_row_of_it() -> None:
    people = FileCard(
        path="司机.json",
        rows=3,
        columns=(
            Column(name="姓名", examples=("王芳", "赵强", "李雷"), distinct=3),
            Column(name="班次", examples=("早班", "晚班"), distinct=2),
            Column(name="驾龄", type="integer", min=3, max=20, distinct=3),
        ),
    )
    assert told("驾龄最长的司机是谁，多少年", people) == {"function": "max", "column": "驾龄", "where": []}


def test_groups_beyond_a_bound_are_told_from_rows_beyond_it() -> None:
    reading = reading_of(read_goal("哪些门店的订单超过50单？", [ORDERS.path]), ORDERS)
    assert isinstance(reading, Reading)
    assert (reading.function, reading.group_by, reading.over) == ("count", "门店", (">", 50))
    rows = reading_of(read_goal("数量超过20的订单", [ORDERS.path]), ORDERS)
    assert isinstance(rows, Reading)
    assert rows.over is None
