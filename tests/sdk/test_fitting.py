"""Values against JSON Schema, in sentences."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk.fitting import misfits, unchecked
from trivet_sdk.schema import for_grammar, inline, prefixed, with_refs

ROW: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 5, "pattern": "^[a-z]+$"},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "kind": {"enum": ["a", "b", 3]},
        "fixed": {"const": "x"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2},
        "pair": {"type": "array", "prefixItems": [{"type": "boolean"}], "items": False},
        "either": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Leaf"}]},
        "both": {"allOf": [{"type": "string"}, {"minLength": 2}]},
        "extra": {"type": "object", "additionalProperties": {"type": "number"}},
    },
    "required": ["name"],
    "additionalProperties": False,
    "$defs": {
        "Leaf": {
            "type": "object",
            "properties": {"leaf": {"$ref": "#/$defs/Leaf"}, "n": {"type": "integer"}},
            "required": ["n"],
        }
    },
}


@pytest.mark.parametrize(
    ("value", "sentences"),
    [
        ({"name": "ada"}, []),
        ({}, ["'name' is missing"]),
        ({"name": "ada", "nme": 1}, [f"there is no 'nme'; there are: {', '.join(ROW['properties'])}"]),
        ([], ["expected an object, got []"]),
        ({"name": ""}, ["$.name: expected at least 1 characters, got ''", "$.name: '' does not match ^[a-z]+$"]),
        ({"name": "abcdef"}, ["$.name: expected at most 5 characters, got 6"]),
        ({"name": "a", "age": -1}, ["$.age: must be at least 0, not -1"]),
        ({"name": "a", "age": "200"}, ["$.age: must be at most 150, not '200'"]),
        ({"name": "a", "age": "12"}, []),
        ({"name": "a", "age": 1.5}, ["$.age: expected a whole number, got 1.5"]),
        ({"name": "a", "age": None}, ["$.age: expected a whole number, got null"]),
        ({"name": "a", "share": 0}, ["$.share: must be more than 0, not 0"]),
        ({"name": "a", "share": 1}, ["$.share: must be less than 1, not 1"]),
        ({"name": "a", "share": "nan"}, ["$.share: expected a number, got 'nan'"]),
        ({"name": "a", "kind": "c"}, ["$.kind: 'c' is none of 'a', 'b', 3"]),
        ({"name": "a", "kind": "3"}, []),
        ({"name": "a", "fixed": 1}, ["$.fixed: must be 'x', not 1"]),
        ({"name": "a", "tags": []}, ["$.tags: expected at least 1 items, got 0"]),
        (
            {"name": "a", "tags": ["x", 5, None]},
            ["$.tags: expected at most 2 items, got 3", "$.tags[2]: expected a text, got null"],
        ),
        ({"name": "a", "pair": [True]}, []),
        (
            {"name": "a", "pair": ["yes", 1]},
            ["$.pair[0]: expected true or false, got 'yes'", "$.pair[1]: nothing may stand here"],
        ),
        ({"name": "a", "either": None}, []),
        ({"name": "a", "either": {"n": 1, "leaf": {"n": "x"}}}, ["$.either.leaf.n: expected a whole number, got 'x'"]),
        ({"name": "a", "either": 5}, ["$.either: expected null, got 5; or expected an object, got 5"]),
        ({"name": "a", "both": "x"}, ["$.both: expected at least 2 characters, got 'x'"]),
        ({"name": "a", "extra": {"x": 1, "y": "z"}}, ["$.extra.y: expected a number, got 'z'"]),
        ({"name": "a", "extra": "w" * 99}, [f"$.extra: expected an object, got '{'w' * 56}..."]),
    ],
)  # fmt: skip
def test_each_misfit_is_a_sentence_with_its_place(value: Any, sentences: list[str]) -> None:
    assert [str(misfit) for misfit in misfits(ROW, value)] == sentences


@pytest.mark.parametrize(
    "value",
    [
        {"name": {"$ref": "s1#/name"}},
        {"name": "{{s1#/name}}", "age": "{{s2}}"},
        {"name": "a", "tags": {"$ref": "s1#/tags"}, "kind": {"$ref": "s1#"}, "either": {"$ref": "s1#"}},
    ],
)
def test_references_fit_anywhere_in_a_plan_and_nowhere_else(value: Any) -> None:
    assert misfits(ROW, value, may_refer=True) == ()
    assert misfits(ROW, value) != ()


def test_null_stands_for_the_default() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "default": 3}}}
    assert misfits(schema, {"n": None}) == ()


def test_unknown_keywords_and_patterns_of_other_dialects_pass() -> None:
    assert misfits({"pattern": r"^\p{Letter}+$", "x-of": "path", "format": "span"}, "a") == ()


names = st.sampled_from([*ROW["properties"], "leaf", "n"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_what_a_strict_validator_accepts_fits(value: Any) -> None:
    if jsonschema.Draft202012Validator(ROW).is_valid(value):
        assert misfits(ROW, value) == ()


@given(st.dictionaries(st.sampled_from(list(ROW["properties"])), json_values))
def test_with_refs_accepts_all_that_the_schema_does(value: Any) -> None:
    if jsonschema.Draft202012Validator(ROW).is_valid(value):
        assert jsonschema.Draft202012Validator(with_refs(ROW)).is_valid(value)
        assert jsonschema.Draft202012Validator(for_grammar(ROW)).is_valid(value)
        assert jsonschema.Draft202012Validator(prefixed(ROW, "a.")).is_valid(value)
        assert jsonschema.Draft202012Validator(inline(ROW)).is_valid(value)


def test_definitions_are_put_in_place_at_any_depth() -> None:
    b = {"$defs": {"B": {"title": "B", "const": {"$ref": 1}}}, "$ref": "#/$defs/B", "description": "b"}
    schema = {
        "title": "Outer",
        "properties": {"title": {"$ref": "#/$defs/A"}, "$ref": {"type": "string"}, "b": b},
        "$defs": {"A": {"title": "A", "enum": [1], "description": "a"}},
    }  # fmt: skip
    assert inline(schema) == {
        "properties": {
            "title": {"enum": [1], "description": "a"},
            "$ref": {"type": "string"},
            "b": {"const": {"$ref": 1}, "description": "b"},
        }
    }


def test_mutually_recursive_definitions_are_kept() -> None:
    a = {"properties": {"b": {"$ref": "#/$defs/B"}}}
    b = {"properties": {"a": {"$ref": "#/$defs/A"}, "c": {"$ref": "#/$defs/C"}}}
    schema = {"$ref": "#/$defs/A", "$defs": {"A": a, "B": b, "C": {"type": "null"}}}
    assert inline(schema) == {
        "$ref": "#/$defs/A",
        "$defs": {"A": a, "B": {"properties": {"a": {"$ref": "#/$defs/A"}, "c": {"type": "null"}}}},
    }


def test_a_reference_to_nowhere_is_left_alone() -> None:
    assert inline({"$ref": "https://example.com/schema"}) == {"$ref": "https://example.com/schema"}


RULES: list[dict[str, Any]] = [
    ROW,
    {"not": {"type": "string"}},
    {"if": {"type": "object", "required": ["n"]}, "then": {"required": ["leaf"]}, "else": {"type": "array"}},
    {"oneOf": [{"type": "integer"}, {"minimum": 2}, {"type": "string"}]},
    {"type": "array", "uniqueItems": True, "items": {"multipleOf": 2}},
    {
        "type": "object",
        "properties": {"n": {"type": "integer"}},
        "patternProperties": {"^a": {"type": ["number", "null"]}},
        "propertyNames": {"maxLength": 6},
        "additionalProperties": {"type": "boolean"},
        "minProperties": 1,
        "maxProperties": 2,
        "dependentRequired": {"n": ["age"], "tags": ["kind"]},
    },
    {"enum": [1, True, None, [1, {"n": False}]]},
    {"const": {"n": [1, 2.5]}},
]


@given(st.sampled_from(RULES), json_values)
def test_strictly_it_agrees_with_a_validator(schema: dict[str, Any], value: Any) -> None:
    is_valid = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert (misfits(schema, value, strict=True) == ()) is is_valid


@pytest.mark.parametrize(
    ("schema", "value", "sentence"),
    [
        ({"properties": {"n": {"type": "integer"}}}, {"n": "5"}, "$.n: expected a whole number, got '5'"),
        ({"type": "boolean"}, "true", "expected true or false, got 'true'"),
        ({"uniqueItems": True}, ["a", "b", "a"], "'a' stands there more than once"),
        ({"multipleOf": 5}, 7, "must be a multiple of 5, not 7"),
        ({"not": {"const": 7}}, 7, "7 is what may not stand here"),
        ({"oneOf": [{"minimum": 1}, {"maximum": 9}]}, 5, "5 fits more than one of the forms that exclude each other"),
        ({"propertyNames": {"pattern": "^[a-z]+$"}}, {"A": 1}, "'A' is no name that may stand here"),
        ({"dependentRequired": {"user": ["password"]}}, {"user": "x"}, "'password' is missing"),
        ({"minProperties": 1}, {}, "expected at least 1 entries, got 0"),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}, "'b' is missing"),
    ],
)
def test_strict_misfits_are_sentences(schema: dict[str, Any], value: Any, sentence: str) -> None:
    assert [str(misfit) for misfit in misfits(schema, value, strict=True)] == [sentence]


def test_keywords_that_nobody_looks_at_are_found() -> None:
    schema = {
        "title": "t",
        "properties": {"contains": {"contains": {"type": "integer"}, "x-of": "path"}, "if": {"format": "uri"}},
        "unevaluatedProperties": False,
        "default": {"anything": 1},
        "dependentRequired": {"a": ["b"]},
    }
    assert unchecked(schema) == {"contains", "unevaluatedProperties"}
