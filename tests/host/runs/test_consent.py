"""What somebody agrees to is what is called: shown whole, bound to exactly it, and ruled on by what was meant."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet.approval_rules import ApprovalRule, as_table, name_for, rule_for_exactly, ruled
from trivet.errors import SettingsError
from trivet.runs.approvals import Mode, digest_of, exactly
from trivet.runs.permission import no_rules, permission
from trivet.settings import load_settings
from trivet.settings_file import FILE, write_setting
from trivet_sdk.tool import Effect, ToolSpec

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
CALLS = st.dictionaries(st.text(), JSON, max_size=4)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("你好，世界 नमस्ते שלום é", "你好，世界 नमस्ते שלום é"),
        ("gpj.exe\u202efdp", "gpj.exe\\u202efdp"),
        ("pay\u200bpal \u200d\u2060\ufeff\u00ad", "pay\\u200bpal \\u200d\\u2060\\ufeff\\u00ad"),
        ("ok\U000e0073\U000e0065\U000e006e\U000e0064", "ok\\udb40\\udc73\\udb40\\udc65\\udb40\\udc6e\\udb40\\udc64"),
        ("\x1b[2K\x1b]52;c;eA==\x07\x9b1A\x7f", "\\u001b[2K\\u001b]52;c;eA==\\u0007\\u009b1A\\u007f"),
        ("one\ntwo\r\tthree", "one\\ntwo\\r\\tthree"),
        ("half\ud800", "half\\ud800"),
        ("a\u00a0b\u3000c\u2003d\u2028", "a\\u00a0b\\u3000c\\u2003d\\u2028"),
        ("\u115f\u3164\uffa0\u2800\u034f\ufe0f\U000e0100", "\\u115f\\u3164\\uffa0\\u2800\\u034f\\ufe0f\\udb40\\udd00"),
        ("\ue000\U0010ffff\U00100000", "\\ue000\\udbff\\udfff\\udbc0\\udc00"),
        ('"; rm -rf "', '\\"; rm -rf \\"'),
    ],
)
def test_what_cannot_be_seen_is_made_visible(text: str, shown: str) -> None:
    assert exactly({"text": text}) == f'{{\n  "text": "{shown}"\n}}'
    assert json.loads(exactly({text: [text]})) == {text: [text]}


def test_argument_of_any_length_is_whole() -> None:
    text = "长" * 100_000
    assert exactly({"text": text}) == f'{{\n  "text": "{text}"\n}}'


@given(CALLS, CALLS)
def test_calls_that_differ_look_different_and_have_digests_of_their_own(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert json.loads(exactly(one)) == one
    is_same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (digest_of("a.b", one) == digest_of("a.b", other)) == is_same
    assert digest_of("a.b", one) != digest_of("a.c", one)
    assert not set(exactly(one)) & {"\x1b", "\u202e", "\u200b", "\x9b"}


@given(CALLS, CALLS)
def test_rule_for_exactly_a_call_fits_no_other(one: dict[str, Any], other: dict[str, Any]) -> None:
    rule = rule_for_exactly("a.b", one)
    if rule is None:
        return
    assert rule.fits("a.b", one)
    assert not rule.fits("a.c", one)
    assert rule.fits("a.b", other) == (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


@pytest.mark.parametrize("arguments", [{"to": None}, {"to": ["ada", None]}, {"to": {"cc": None}}])
def test_null_is_nothing_that_settings_can_say(arguments: dict[str, Any]) -> None:
    assert rule_for_exactly("mail.send", arguments) is None


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("*@example.org", "ada@example.org", True),
        ("*@example.org", "ada@example.org.evil.com", False),
        ("*@example.org", "x@evil.com\nada@example.org", True),
        ("reports/*", "reports/2024/一月.md", True),
        ("reports/*", "reports/../.ssh/id_rsa", False),
        ("reports/*", "reports\\..\\secret", False),
        ("reports/*", "/etc/passwd", False),
        ("reports/*", "reports/..", False),
        ("reports/*", "reports/a..b", True),
        ("../notes.md", "../notes.md", True),
        ("[*]", "*", True),
        ("[*]", "a", False),
        ("Ada", "ada", False),
        ("3", 3, False),
        (3, 3, True),
        (3, 3.0, False),
        (1, True, False),
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["b", "a"], False),
        ({"x": 1}, {"x": 1}, True),
        ("*", ["a"], False),
    ],
)
def test_pattern_is_held_against_the_whole_value(pattern: Any, value: Any, fits: bool) -> None:
    assert ApprovalRule(tool="a.b", arguments={"v": pattern}).fits("a.b", {"v": value, "w": 1}) == fits


@pytest.mark.parametrize(
    ("effect", "egress", "mode", "decision", "is_tainted", "verdict"),
    [
        ("pure", False, "never", None, True, "granted"),
        ("idempotent", False, "ask", None, False, "granted"),
        ("idempotent", False, "ask", None, True, "ask"),
        ("idempotent", False, "always", None, True, "granted"),
        ("idempotent", False, "never", None, True, "refused"),
        ("effectful", False, "ask", None, False, "ask"),
        ("effectful", False, "always", None, False, "granted"),
        ("effectful", False, "always", None, True, "ask"),
        ("pure", True, "always", None, True, "ask"),
        ("effectful", False, "never", None, False, "refused"),
        ("effectful", False, "never", "always", False, "granted"),
        ("effectful", False, "ask", "always", True, "granted"),
        ("effectful", False, "always", "ask", False, "ask"),
        ("effectful", False, "always", "never", False, "refused"),
        ("pure", False, "always", "never", False, "refused"),
        ("pure", False, "always", "ask", False, "ask"),
    ],
)
def test_the_users_rule_then_where_the_text_came_from_then_the_mode_decides(
    effect: Effect, egress: bool, mode: Mode, decision: Any, is_tainted: bool, verdict: str
) -> None:
    spec = ToolSpec(name="a.b", summary="", parameters={}, effect=effect, egress=egress)
    ruling = no_rules if decision is None else lambda tool, arguments: ("mine", decision)
    found = permission(spec, {}, mode=mode, ruling=ruling, is_tainted=is_tainted, tainted_by="s3")
    assert found.verdict == verdict


def test_the_question_says_which_step_brought_text_from_outside() -> None:
    spec = ToolSpec(name="a.b", summary="", parameters={}, effect="effectful")
    found = permission(spec, {}, mode="ask", ruling=no_rules, is_tainted=True, tainted_by="s3")
    assert found.why == "it cannot be undone or repeated, and this run has read text from outside in step s3"


def test_of_several_rules_the_most_cautious_one_decides() -> None:
    rules = {
        "a": ApprovalRule(tool="a.b"),
        "b": ApprovalRule(tool="a.b", decision="never", arguments={"to": "eve*"}),
        "c": ApprovalRule(tool="a.b", decision="ask", arguments={"to": "*e"}),
    }
    assert ruled(rules, "a.b", {"to": "ada"}) == ("a", "always")
    assert ruled(rules, "a.b", {"to": "joe"}) == ("c", "ask")
    assert ruled(rules, "a.b", {"to": "eve"}) == ("b", "never")
    assert ruled(rules, "a.c", {"to": "eve"}) is None


def test_names_are_made_of_the_tools_and_never_taken_twice() -> None:
    rule = ApprovalRule(tool="mail.Send_it")
    assert name_for(rule, ()) == "mail-send_it"
    assert name_for(rule, {"mail-send_it", "mail-send_it-2"}) == "mail-send_it-3"


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), JSON, max_size=3))
def test_rule_is_read_from_the_settings_as_it_was_written(tmp_path_factory: Any, arguments: dict[str, Any]) -> None:
    rule = rule_for_exactly("a.b", arguments)
    if rule is None:
        return
    home = tmp_path_factory.mktemp("home")
    write_setting(home, "approvals.mine", as_table(rule))
    assert load_settings(home, environ={}).approvals["mine"].fits("a.b", arguments)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[approvals.x]\ntool = "mail.*"',
         "'approvals.x' cannot be used: a rule is about one tool, by its full name, and this is a pattern"),
        ('[approvals.x]\ndecision = "always"', "'approvals.x' cannot be used: Object missing required field `tool`"),
        ('[approvals.x]\ntool = "mail.send"\ndecision = "yes"',
         "'approvals.x.decision' cannot be used: Invalid enum value 'yes'"),
        ('[approvals.x]\ntool = "mail.send"\nargument = {to = "a"}',
         "'approvals.x.argument' means nothing in a rule, so the rule cannot be used. Did you mean 'arguments'?"),
        ('[approvals.x]\ntool = "mail.send"\nwho = 1',
         "'approvals.x.who' means nothing in a rule, so the rule cannot be used. There is: tool, decision, arguments, others."),
        ('[approvals]\nx = "mail.send"', "'approvals.x' cannot be used: it must be a table, and is 'mail.send'"),
    ],
)  # fmt: skip
def test_rule_that_is_not_clear_is_refused_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path, environ={})
    assert str(refused.value) == f"settings.toml: {sentence}"
