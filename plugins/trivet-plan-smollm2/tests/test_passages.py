"""What speaks against a passage that a search found."""

import pytest

from trivet_plan_smollm2.passages import objection
from trivet_plan_smollm2.words.spans import read_goal

ORDERED = "This asks for something to be done, and no installed tool does it; it was only found mentioned."
VAGUE = "The goal says too little to tell what is meant."


@pytest.mark.parametrize(
    ("goal", "text", "why"),
    [
        ("Order 900 kg flour from Krantz", "Krantz offers 900 kg of flour a month.", ORDERED),
        ("please send the parents an e-mail", "Parents get an e-mail in May.", ORDERED),
        ("tell me when she is back", "We shall be back at noon.", ORDERED),
        ("tell me when the pump stops", "The pump stops at noon.", ""),
        ("Order numbers of the chairs?", "The chairs have the order numbers 4 and 5.", ""),
        ("How many were there yesterday?", "Yesterday there were 14.", VAGUE),
        ("Who keeps the key?", "The key is with Ada.", ""),
        (
            "who was on duty on 2024-07-04",
            "On duty is who is called.",
            "No passage in the workspace speaks of 2024-07-04.",
        ),
        ("who was on duty on 2024-07-04", "4 July 2024: Ada was on duty.", ""),
        ("who was on duty on 4 July 2024", "On July 4, Ada was on duty.", ""),
        (
            "what does shelf 41 hold",
            "Shelf 14 holds maps.",
            "No passage in the workspace that speaks of this has the number 41.",
        ),
        ("what costs 1,250 in the budget", "The boat costs 1250.", ""),
        (
            "Who is the president of the club?",
            "The secretary of the club exports them.",
            "What was found says nothing of 'president'.",
        ),
        ("who was the secretary of the club", "The secretary of the club is Ada.", ""),
        ("改一下时间", "决定把发车时间提前到下午一点。", ORDERED),
        ("取消订单要扣多少钱", "取消订单扣二十元。", ""),
        ("退货期限是几天？", "退货期限为七天。", ""),
    ],
)
def test_what_the_goal_says_outright_must_stand_in_the_passage(goal: str, text: str, why: str) -> None:
    assert objection(read_goal(goal), {"path": "notes.txt", "text": text}) == why


def test_a_date_may_stand_in_the_name_of_the_file() -> None:
    goal = read_goal("what did we see on 9 March 2024")
    assert objection(goal, {"path": "notes/2024-03-09.txt", "text": "We saw Orion."}) == ""


def test_a_row_that_has_not_what_is_asked_for_is_no_answer() -> None:
    row = {"path": "员工.json", "text": "姓名: 李雷, 班次: 早班"}
    assert objection(read_goal("李雷的工资是多少？"), row) == "What was found says nothing of '工资'."
    assert objection(read_goal("李雷的班次是什么？"), row) == ""
