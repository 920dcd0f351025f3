"""Goals about texts: lines added, encodings, lengths, words counted, sentences quoted, questions that name their file."""

from pathlib import Path

import pytest

from trivet_files.changes import Changes
from trivet_files.editing import edited
from trivet_files.tools import tools_of
from trivet_plan_smollm2.grounding import Ground, look, mentioned
from trivet_plan_smollm2.pointed import in_named_file
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.requests.brevity import brevity, matter
from trivet_plan_smollm2.requests.dictation import dictated
from trivet_plan_smollm2.requests.measured import measured
from trivet_plan_smollm2.requests.of_texts import of_texts
from trivet_plan_smollm2.requests.quoting import quoted_from
from trivet_plan_smollm2.requests.reencoding import reencoded
from trivet_plan_smollm2.shortness import fitted
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_sdk import PlannerAbstained, ToolSpec
from trivet_sdk.provenance import Provenance
from trivet_sdk.testing import StandaloneServices

RULES = """# Rules of the shed

Tools go back on the hook. Nobody lends the saw without asking, since it broke twice in 2023.
A drill may be kept for five days. Late tools cost 2 euros a day.

Who loses a key pays 30 euros. The saw is sharpened in March.
"""
SETTINGS = "shed: north\nloan:\n  days_ahead: 12\n  max_tools: 3\nbackup:\n  keep: 7\nhours:\n  monday: 9-12\n  friday: 14-18\n"
FILES = {
    "rules.md": RULES.encode(),
    "settings.yaml": SETTINGS.encode(),
    "letters/Oak.txt": b"Dear members,\nthe oak is ill.\n",
    "letters/Elm-2.txt": b"The elm stands.\n",
    "old/names.csv": "name;town\nGar\xe7on;Orl\xe9ans\n".encode("latin-1"),
    "todo.md": b"- saw\n- oil\n\n- oil\n\n",
}


class Workspace:
    """A folder with these files, looked at."""

    def __init__(self, folder: Path, services: StandaloneServices, tools: list[ToolSpec], ground: Ground) -> None:
        self.folder, self.services, self.tools, self.ground = folder, services, tools, ground

    def read(self, goal: str) -> Spans:
        return read_goal(goal, self.ground.listing)

    async def of_texts(self, goal: str) -> list[Call]:
        said = self.read(goal)
        named = [self.ground.cards[path] for path in mentioned(said, self.ground.listing)]
        found = await of_texts(said, goal, named, self.ground, self.tools, self.services)
        return [*found[0]] if found else []


@pytest.fixture
async def workspace(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    from trivet_calculate import tools as calculate
    from trivet_table import tools as table

    tools = [*tools_of(Changes(tmp_path_factory.mktemp("data")), Provenance()), calculate.evaluate, table.select]
    services = StandaloneServices(tools=tools, workspace=tmp_path)
    specs = [tool.spec for tool in tools]
    listing = [{"path": name, "kind": "text"} for name in FILES]
    return Workspace(tmp_path, services, specs, await look(read_goal("x"), specs, services, listing))


@pytest.mark.parametrize(
    ("goal", "line"),
    [
        ('Append a line "- 2024-12-05: 12km walk" to rules.md', "- 2024-12-05: 12km walk"),
        ('add the line "- nails" to the end of rules.md', "- nails"),
        ('add a line to rules.md that says "- nails"', "- nails"),
        ("Append to rules.md: No dogs.", "No dogs."),
        ("在 rules.md 末尾加一行“禁止吸烟”", "禁止吸烟"),
        ("把“禁止吸烟”追加到 rules.md", "禁止吸烟"),
    ],
)
async def test_a_line_is_added_behind_the_last_one(workspace: Workspace, goal: str, line: str) -> None:
    [call] = await workspace.of_texts(goal)
    assert call.tool == "edit"
    assert call.arguments["path"] == "rules.md"
    done = edited("rules.md", RULES, call.arguments["old"], call.arguments["new"], all_places=False)
    assert done.text == f"{RULES}{line}\n"


async def test_a_last_line_that_stands_there_twice_is_told_by_those_before_it(workspace: Workspace) -> None:
    [call] = await workspace.of_texts('append "- nails" to todo.md')
    done = edited("todo.md", FILES["todo.md"].decode(), call.arguments["old"], call.arguments["new"], all_places=False)
    assert done.text == "- saw\n- oil\n\n- oil\n- nails\n\n"


@pytest.mark.parametrize(
    "goal",
    [
        'add "- nails" at the top of rules.md',
        'append "- nails" to nowhere.md',
        "append a line about nails to rules.md",
        'append "a" to rules.md and to settings.yaml',
        'add "- nails" to the list in rules.md under Keys',
    ],
)
async def test_a_line_is_added_only_where_the_goal_says_so(workspace: Workspace, goal: str) -> None:
    assert not await workspace.of_texts(goal)


async def test_what_is_added_never_takes_the_place_of_a_file(workspace: Workspace) -> None:
    goal = workspace.read('add a note to rules.md that says "no dogs"')
    assert dictated(goal, [], workspace.ground.listing) is None
    tools = [tool for tool in workspace.tools if tool.name == "write"]
    assert dictated(goal, tools, workspace.ground.listing) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "goal",
    [
        "old/names.csv is not UTF-8. Write it as UTF-8 to out/names.csv.",
        "old/names.csv is in Latin-1, convert it to utf8: out/names.csv",
        "把 old/names.csv 转成 UTF-8 编码，保存为 out/names.csv",
    ],
)
async def test_a_text_is_written_in_another_encoding(workspace: Workspace, goal: str) -> None:
    read, write = reencoded(workspace.read(goal), workspace.ground.listing, workspace.tools)
    assert read.arguments == {"path": "old/names.csv"}
    assert write.arguments == {"path": "out/names.csv", "text": "{{s1#/text}}"}


@pytest.mark.parametrize(
    "goal",
    [
        "convert old/names.csv from UTF-8 to Latin-1, out/names.csv",
        "old/names.csv as UTF-8 without the town to out/names.csv",
        "old/names.csv as UTF-8 JSON to out/names.json",
        "write old/names.csv as UTF-8",  # over itself, or where?
    ],
)
async def test_no_other_wish_is_taken_for_an_encoding(workspace: Workspace, goal: str) -> None:
    assert not reencoded(workspace.read(goal), workspace.ground.listing, workspace.tools)


@pytest.mark.parametrize(
    ("goal", "figure"),
    [
        ("How many words are in letters/Oak.txt?", 6),
        ("number of lines of rules.md", 6),
        ("What is the difference between the Oak letter and Elm-2 in number of words?", 3),
        ("How many words more has letters/Oak.txt than letters/Elm-2.txt?", 3),
    ],
)
async def test_texts_are_measured(workspace: Workspace, goal: str, figure: int) -> None:
    calls = measured(workspace.read(goal), workspace.ground.cards, workspace.ground.listing, workspace.tools)
    values = []
    for call in calls[:-1]:
        values.append((await workspace.services.call(call.tool, call.arguments)).value)
    names = calls[-1].arguments["values"]
    given = {name: values[int(ref["$ref"][1]) - 1][ref["$ref"][4:]] for name, ref in names.items()}
    done = await workspace.services.call("evaluate", {**calls[-1].arguments, "values": given})
    assert isinstance(done.value, dict)
    assert done.value["value"] == figure


async def test_which_text_is_longer_is_a_row(workspace: Workspace) -> None:
    goal = workspace.read("Which letter is longer in words, Oak or Elm-2?")
    *_, chosen = measured(goal, workspace.ground.cards, workspace.ground.listing, workspace.tools)
    assert [row["file"] for row in chosen.arguments["path"]] == ["letters/Oak.txt", "letters/Elm-2.txt"]
    assert (chosen.arguments["sort_by"], chosen.arguments["descending"]) == ("words", True)


@pytest.mark.parametrize(
    "goal",
    [
        "How many words about saws are in rules.md?",
        "How many words are in rules.md and letters/Oak.txt?",
        "how many words does the letter have",  # there are two
        "which word is longest in rules.md",
    ],
)
async def test_what_is_no_length_is_not_measured(workspace: Workspace, goal: str) -> None:
    said = workspace.read(goal)
    assert not measured(said, workspace.ground.cards, workspace.ground.listing, workspace.tools)


@pytest.mark.parametrize(
    ("goal", "count"),
    [
        ('How often does the word "saw" occur in rules.md?', 2),
        ("how many times is tools mentioned in rules.md", 2),
        ("count the occurrences of euros in rules.md", 2),
        ("How many times does 'dog' appear in rules.md?", 0),
    ],
)
async def test_words_are_counted_in_a_text(workspace: Workspace, goal: str, count: int) -> None:
    [call] = await workspace.of_texts(goal)
    assert call.arguments["values"] == {"times": count}


async def test_what_happens_how_often_is_no_count_of_a_word(workspace: Workspace) -> None:
    assert not await workspace.of_texts("how many times may the saw of a member be lent according to rules.md")


async def test_the_sentence_that_is_wanted_is_quoted(workspace: Workspace) -> None:
    goal = "Quote the sentence of rules.md that mentions a key."
    [call] = await workspace.of_texts(goal)
    found = await workspace.services.call(call.tool, call.arguments)
    assert isinstance(found.value, dict)
    assert quoted_from(goal, found.value["matches"]) == "rules.md:6: Who loses a key pays 30 euros."
    assert not await workspace.of_texts("Quote the sentence of rules.md that mentions dogs.")
    assert not quoted_from("Who loses a key?", found.value["matches"])


@pytest.mark.parametrize(
    ("goal", "heading"),
    [
        ("How many days ahead can I book? see settings.yaml", "loan > days_ahead"),
        ("settings.yaml: how many backups are kept?", "backup > keep"),
        ("what is the maximum number of tools in settings.yaml", "loan > max_tools"),
        ("when is it open on friday, according to settings.yaml?", "hours > friday"),
    ],
)
async def test_an_entry_of_settings_is_told_by_its_name(workspace: Workspace, goal: str, heading: str) -> None:
    said = workspace.read(goal)
    named = [workspace.ground.cards[path] for path in mentioned(said, workspace.ground.listing)]
    [call] = await in_named_file(said, named, workspace.tools, workspace.services, Similarity(None))
    found = await workspace.services.call(call.tool, call.arguments)
    assert isinstance(found.value, dict)
    assert found.value["matches"][0]["heading"] == heading


@pytest.mark.parametrize(
    "goal",
    [
        "Who is the captain according to settings.yaml?",
        "when is it open on sunday? settings.yaml",
        "How many days ahead can a guest book a drill in winter? see settings.yaml",
        "How many days between monday and friday in settings.yaml?",
    ],
)
async def test_an_entry_that_is_not_there_is_not_told(workspace: Workspace, goal: str) -> None:
    said = workspace.read(goal)
    named = [workspace.ground.cards[path] for path in mentioned(said, workspace.ground.listing)]
    assert not await in_named_file(said, named, workspace.tools, workspace.services, Similarity(None))


async def test_a_text_that_is_named_is_searched_alone(workspace: Workspace) -> None:
    said = workspace.read("How many days may a drill be kept? see rules.md")
    named = [workspace.ground.cards["rules.md"]]
    [call] = await in_named_file(said, named, workspace.tools, workspace.services, Similarity(None))
    assert call.arguments == {"query": "How many days may a drill be kept?", "path": "rules.md"}
    other = workspace.read("How many dogs may come? see rules.md")
    assert not await in_named_file(other, named, workspace.tools, workspace.services, Similarity(None))
    foreign = workspace.read("带狗一天要加多少钱？rules.md")
    assert not await in_named_file(foreign, named, workspace.tools, workspace.services, Similarity(None))


@pytest.mark.parametrize(
    ("goal", "rest", "bound"),
    [
        ("What are the house rules? Keep it under 300 characters.", "What are the house rules?", (300, 0, 0)),
        ("Tell me in at most 50 words why it broke", "", (0, 0, 0)),
        ("Tell me why it broke, in at most 50 words", "Tell me why it broke", (0, 50, 0)),
        ("In one sentence, what does it say?", "what does it say?", (0, 0, 1)),
        ("Why does it stand (max 20 words)?", "Why does it stand?", (0, 20, 0)),
        ("Describe the shed in 2-3 sentences.", "Describe the shed.", (0, 0, 3)),
        ("锯子怎么了？不超过100字。", "锯子怎么了？", (100, 0, 0)),
    ],
)
def test_how_long_an_answer_may_be_is_no_part_of_the_question(
    goal: str, rest: str, bound: tuple[int, int, int]
) -> None:
    found = brevity(goal)
    said = (found.characters, found.words, found.sentences) if found else (0, 0, 0)
    assert (found.rest if found else "", said) == (rest, bound)


@pytest.mark.parametrize(
    "goal",
    [
        "Which notes have under 300 characters?",
        "List reviews with fewer than 50 words",
        "How many reviews are longer than 20 words?",
        "What is the difference between a and b in number of words?",
    ],
)
def test_lengths_of_other_things_are_no_bounds_of_the_answer(goal: str) -> None:
    assert brevity(goal) is None
    assert matter(goal) == goal


async def test_a_summary_is_as_short_as_it_is_wanted(workspace: Workspace) -> None:
    calls = [Call(tool="summarize", arguments={"path": "rules.md"})]
    [call] = await fitted(calls, "Summarize rules.md in one sentence", workspace.tools, workspace.services)
    said = (await workspace.services.call("summarize", call.arguments)).text
    assert said.count(". ") + said.endswith(".") <= 1
    with pytest.raises(PlannerAbstained, match="1 words at most"):
        await fitted(calls, "Summarize rules.md in one word", workspace.tools, workspace.services)
