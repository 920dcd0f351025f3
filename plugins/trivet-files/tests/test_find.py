from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_files.characters import held, lacks_a_stretch
from trivet_files.passages import passages_of
from trivet_files.quoting import quoted
from trivet_files.ranking import rank
from trivet_files.words import content_words, stem
from trivet_sdk import ToolError, ToolResult

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]

HANDBOOK = """# Handbook

## Working hours

The office opens at 7:30. Whoever works overtime tells the team lead before Friday.

## Leave

Everybody has 28 days of leave a year. Unused days expire on 31 March. Sick leave of more than three days needs a note
from a doctor.

## Keys

A lost badge costs 15 euro. Parking permits are given out by Ms. Okafor at the front desk.
"""
SETTINGS = """# how the mailer runs
server:
  port: 8025
  hosts:
    - alpha.example
    - beta.example
retry:
  limit: 5   # attempts before a letter is given up
  is_silent: false
"""
TERMS = """1. Definitions

"Device" means any machine that runs the Software.

"Operator" means the person who switches a Device
on, whether or not that person owns it.

2. Grant

The Operator may run the Software on one Device at a time. Each Device of an Operator needs a seal.
"""


@pytest.fixture(autouse=True)
def folder(put: Put) -> None:
    put("handbook.md", HANDBOOK)
    put("config/mail.yaml", SETTINGS)
    put("terms.txt", TERMS)
    put("文档/通知.md", "# 读书会\n\n读书会于5月3日下午两点在图书馆举行，由李敏主持。\n每人费用20元。\n")
    put("table.csv", "leave,days\n1,2\n")
    put(".hidden/secret.md", "overtime and leave and badge\n")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (
            "what does a lost badge cost",
            "handbook.md:14 (Keys): A lost badge costs 15 euro. Parking permits are given out by Ms. Okafor at the front desk.",
        ),
        ("which port does the server use", "config/mail.yaml:3: server > port: 8025"),
        ("retry limit", "config/mail.yaml:8: retry > limit: 5"),
        (
            'what does "Operator" mean',
            'terms.txt:5 (1. Definitions): "Operator" means the person who switches a Device on, '
            "whether or not that person owns it.",
        ),
        (
            "读书会由谁主持，费用多少？",
            "文档/通知.md:3 (读书会): 读书会于5月3日下午两点在图书馆举行，由李敏主持。 每人费用20元。",
        ),
    ],
)
def test_the_best_passage_is_quoted_with_its_place(call: Call, query: str, text: str) -> None:
    assert call("find", query=query).text.splitlines()[0] == text


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("who must be told about overtime", 5),
        ("when do unused days of leave expire", 9),
        ("parking permit", 14),
        ("opening time of the offices", 5),
        ("is a doctor's note needed for sickness leaves", 9),
        ("expiry of unusd leave", 9),
    ],
)
def test_endings_and_a_slip_of_the_typist_do_not_matter(call: Call, query: str, line: int) -> None:
    best = call("find", query=query).value["matches"][0]
    assert (best["path"], best["line"]) == ("handbook.md", line)


def test_coverage_tells_how_much_of_the_question_was_found(call: Call) -> None:
    assert call("find", query="lost badge cost").value["matches"][0]["coverage"] == 1.0
    weak = call("find", query="badge for the swimming pool in Rotterdam")
    assert weak.value["matches"][0]["coverage"] < 0.4
    assert weak.text.startswith("weak match, handbook.md:14")


def test_a_setting_brings_its_value_for_the_next_step(call: Call) -> None:
    best = call("find", query="port", path="config/mail.yaml").value["matches"][0]
    assert (best["heading"], best["text"], best["value"]) == ("server > port", "port: 8025", 8025)


def test_a_comment_beside_a_setting_is_searched_with_it(call: Call) -> None:
    assert call("find", query="attempts before a letter is given up").value["matches"][0]["value"] == 5


def test_settings_of_every_kind_are_found_under_their_keys(put: Put, call: Call) -> None:
    put("a.toml", 'title = "x"\n[pump.main]\nmax_pressure = 4.5 # bar\n')
    put("b.json", '{\n "lamp": {\n  "colour": "amber",\n  "watts": [5, 7]\n }\n}\n')
    put("c.ini", "[door]\nopen_until=18:00\n")
    found = {
        query: call("find", query=query).text
        for query in ("max pressure of the pump", "lamp colour", "door open until")
    }
    assert list(found.values()) == [
        "a.toml:3: pump > main > max_pressure: 4.5",
        "b.json:3: lamp > colour: amber",
        "c.ini:2: door > open_until: 18:00",
    ]


def test_tables_and_hidden_folders_are_left_out_of_a_search_but_a_named_table_is_searched(call: Call) -> None:
    paths = {match["path"] for match in call("find", query="leave days badge overtime", limit=50).value["matches"]}
    assert paths == {"handbook.md"}
    assert call("find", query="leave", path="table.csv").value["matches"][0]["text"] == "1,2"


def test_nothing_found_is_a_result_and_says_so(call: Call) -> None:
    found = call("find", query="quantum chromodynamics")
    assert (found.text, found.value) == ("nothing found for 'quantum chromodynamics'", {"matches": []})


def test_a_folder_or_a_file_that_is_not_there_is_told(call: Call) -> None:
    with pytest.raises(ToolError) as caught:
        call("find", query="badge", path="handbok.md")
    assert str(caught.value) == "there is no 'handbok.md' in the workspace. Did you mean 'handbook.md'?"


def test_a_long_passage_is_quoted_around_what_matched() -> None:
    filler = "This sentence is about something else entirely and goes on for a while. " * 8
    text = f"{filler}The ferry to Hven leaves at noon. It takes half an hour. {filler}"
    matches = rank("when does the ferry leave", passages_of("a.txt", text), 5)
    said = quoted(matches, "when does the ferry leave")
    assert "The ferry to Hven leaves at noon. It takes half an hour." in said
    assert said.startswith("a.txt:1: … ")
    assert len(said) < 400


@given(
    st.text(max_size=300),
    st.text(max_size=60),
    st.sampled_from(["a.md", "a.yaml", "a.json", "a.toml", "a.html", "a.log"]),
)
def test_any_text_and_any_query_give_bounded_answers(text: str, query: str, path: str) -> None:
    matches = rank(query, passages_of(path, text), 5)
    assert all(0 < match.coverage <= 1 for match in matches)
    assert len(quoted(matches, "x")) <= 700


@given(st.from_regex(r"[a-z]{1,12}", fullmatch=True))
def test_a_stem_is_stable_under_the_plural(word: str) -> None:
    if len(word) > 3 and word[-1] not in "sxzyhiue":
        assert stem(word + "s") == stem(word)


def test_questions_are_reduced_to_the_words_that_carry_meaning() -> None:
    assert content_words("How long may I use the wind_tunnel, please?") == ["wind", "tunnel"]
    assert content_words("由谁负责") == ["负责"]
    assert content_words("what is it") == ["what", "is", "it"]


@pytest.mark.parametrize(
    ("query", "is_answered"),
    [
        ("谁替李雷跑路线？", True),
        ("新的电动车什么时候到", True),
        ("丢了钥匙赔多少", True),
        ("李雷的工资是多少", False),
        ("司机的年假有几天", False),
        ("会议室在几楼", False),
    ],
)
def test_a_chinese_question_is_covered_by_characters_and_by_every_part_of_it(query: str, is_answered: bool) -> None:
    text = "李雷下周去培训，路线由王芳代跑。\n\n新电动货车十月八日到货。\n\n司机的车钥匙存放在二号柜，丢失赔偿三百元。"
    matches = rank(query, passages_of("会.txt", text), 5)
    assert (max((match.coverage for match in matches), default=0.0) >= 0.5) is is_answered


def test_pairs_of_characters_that_stand_nowhere_together_are_not_held() -> None:
    assert held(["年假"], "今年放假。") == 0.0
    assert held(["罚款", "金额"], "罚款五十元。") == 0.25
    assert lacks_a_stretch(["罚款", "金额"], "罚款五十元。")
