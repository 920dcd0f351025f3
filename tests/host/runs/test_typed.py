"""Which servers a user has named, by the addresses in a goal's words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet.runs.typed import MOST, typed_origins


@pytest.mark.parametrize(
    ("goal", "origins"),
    [
        ("Get http://127.0.0.1:8000/offers.json and say what 8 bolts cost.", ["http://127.0.0.1:8000"]),
        ("What does https://Example.ORG:443/a?b=c#d say?", ["https://example.org"]),
        ("HTTP://LocalHost:80/x, then https://[0:0::1]:8443/.", ["http://localhost", "https://[::1]:8443"]),
        ("Is it at http://127.0.0.1. Or not", ["http://127.0.0.1"]),
        ("http://127.0.0.1.:8000/", ["http://127.0.0.1:8000"]),
        ("**http://10.0.0.1:8000** or [this](http://10.0.0.2:81)", ["http://10.0.0.1:8000", "http://10.0.0.2:81"]),
        ("看看http://127.0.0.1:8000/价格.json里8个螺栓多少钱", ["http://127.0.0.1:8000"]),
        ("看http://127.0.0.1:8000里有什么", ["http://127.0.0.1:8000"]),
        ("看http://127.0.0.1里有什么", ["http://127.0.0.1"]),
        ("地址：http://localhost上的文件", ["http://localhost"]),
        ("（见http://10.0.0.1:8000）。", ["http://10.0.0.1:8000"]),
        ("“http://10.0.0.1:8000”，还有http://10.0.0.1:8001、好", ["http://10.0.0.1:8000", "http://10.0.0.1:8001"]),
        ("看http://a.example:81/x和http://127.0.0.1:8000/y", ["http://a.example:81", "http://127.0.0.1:8000"]),
        ("http://例子.中国:8080里", ["http://例子.中国:8080"]),
        ("http://127.0.0.1:8000：看", ["http://127.0.0.1:8000"]),
        ("서버 http://192.168.0.7:3000에서 가져와", ["http://192.168.0.7:3000"]),
    ],
)
def test_an_address_is_found_where_people_write_it(goal: str, origins: list[str]) -> None:
    assert typed_origins(goal) == tuple(origins)


@pytest.mark.parametrize(
    "goal",
    [
        "127.0.0.1:8000 without a scheme",
        "http://user:secret@127.0.0.1:8000/",
        "http://127.0.0.1:80@evil.example/",
        "http://127.0.0.1:8000\\@evil.example/",
        "http://127.0.0.1:8000abc/",
        "http://127.0.0.1%31:8000/",
        "http://127.0.0.1：８０００/",
        "http://127.0.0.1:99999/",
        "http://[::g]/",
        "git+http://127.0.0.1/ and xhttp://127.0.0.1/ and ftp://127.0.0.1/",
        "http://",
    ],
)
def test_what_can_be_read_in_two_ways_names_no_server(goal: str) -> None:
    assert typed_origins(goal) == ()


def test_an_address_inside_another_was_not_typed_by_itself() -> None:
    assert typed_origins("http://shop.example/?next=http://127.0.0.1:9/") == ("http://shop.example",)
    assert typed_origins("http://shop.example/http://127.0.0.1:9,http://127.0.0.1:8") == ("http://shop.example",)


def test_a_port_that_was_cut_away_with_the_end_of_a_goal_is_not_guessed() -> None:
    assert typed_origins("see http://127.0.0.1:80… (5000 characters in all)") == ()
    assert typed_origins("see http://127.0.0.1:80/a… (5000 characters in all)") == ("http://127.0.0.1",)


def test_earlier_goals_come_after_and_a_long_list_is_cut() -> None:
    assert typed_origins("http://b.example/", "http://a.example/ http://b.example/") == (
        "http://b.example",
        "http://a.example",
    )
    assert len(typed_origins(" ".join(f"http://10.0.0.1:{port}" for port in range(1000, 2000)))) == MOST


@pytest.mark.parametrize("long", ["看http://a" * 50_000, "http://" * 100_000, "http://a.b" + ".c" * 250_000])
def test_the_longest_goal_takes_a_moment(long: str) -> None:
    begun = time.process_time()
    typed_origins(long)
    assert time.process_time() - begun < 5


@given(st.text(max_size=300), st.sampled_from(["", "http://", "https://[", "http://127.0.0.1:"]))
def test_any_text_names_well_formed_servers_or_none(text: str, start: str) -> None:
    for origin in typed_origins(text + start + text):
        assert origin.startswith(("http://", "https://"))
        assert not set(origin.partition("://")[2]) & set("/?#@\\ \t\n")
