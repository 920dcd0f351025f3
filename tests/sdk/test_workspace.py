"""Paths stay inside the workspace."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk import ToolError, Workspace


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    root = tmp_path / "work"
    (root / "数据").mkdir(parents=True)
    (root / "数据" / "鸟.csv").write_text("a")
    (root / "penguins.csv").write_text("a")
    (root / ".hidden").write_text("a")
    (tmp_path / "secret.txt").write_text("s")
    (root / "out").symlink_to(tmp_path)
    (root / "inside.csv").symlink_to(root / "penguins.csv")
    return Workspace(root, {"note.txt": tmp_path / "secret.txt"})


def refusal(call: object) -> str:
    with pytest.raises(ToolError) as refused:
        call()  # type: ignore[operator]
    return str(refused.value)


def test_files_are_found_by_their_names(place: Workspace) -> None:
    assert list(place.files()) == ["attachments/note.txt", "inside.csv", "penguins.csv", "数据/鸟.csv"]
    assert list(place.files("数据")) == ["数据/鸟.csv"]
    assert place.readable("数据/鸟.csv").read_text() == "a"
    assert place.relative(place.readable("./penguins.csv")) == "penguins.csv"
    assert place.relative(place.readable("inside.csv")) == "penguins.csv"


@pytest.mark.parametrize("path", ["../secret.txt", "out/secret.txt", "/etc/passwd", "数据/../../secret.txt"])
def test_no_path_leads_outside(place: Workspace, path: str) -> None:
    sentence = f"'{path}' lies outside the workspace. Only files under {place.root} can be used."
    assert refusal(lambda: place.readable(path)) == sentence
    assert refusal(lambda: place.writable(path)) == sentence


def test_a_missing_file_names_its_neighbours(place: Workspace) -> None:
    assert refusal(lambda: place.readable("pinguins.csv")) == (
        "there is no 'pinguins.csv' in the workspace. Did you mean 'penguins.csv', 'inside.csv'?"
    )
    assert (
        refusal(lambda: place.readable("鸟.csv"))
        == "there is no '鸟.csv' in the workspace. Did you mean '数据/鸟.csv'?"
    )
    assert refusal(lambda: place.readable("x")) == "there is no 'x' in the workspace."


def test_attachments_are_read_only(place: Workspace) -> None:
    assert place.readable("attachments/note.txt").read_text() == "s"
    assert place.relative(place.readable("attachments/note.txt")) == "attachments/note.txt"
    assert refusal(lambda: place.writable("attachments/new.txt")) == (
        "'attachments/new.txt' is an attachment, and attachments are read-only. Write to another name."
    )


def test_new_files_may_lie_in_new_folders(place: Workspace) -> None:
    assert place.writable("a/b/c.csv") == place.root / "a" / "b" / "c.csv"
    assert refusal(lambda: place.writable("数据")) == "'数据' is a folder. Name a file in it."


def test_a_nul_is_no_name(place: Workspace) -> None:
    assert refusal(lambda: place.readable("a\0b")) == "'a\\x00b' is no file name: it holds a NUL character."


def test_what_the_system_takes_for_no_name_is_a_tools_error(place: Workspace) -> None:
    assert refusal(lambda: place.writable("x" * 300)) == f"'{'x' * 77}...' is no file name: File name too long."
    assert refusal(lambda: place.readable("x" * 300)) == f"'{'x' * 77}...' is no file name: File name too long."
    (place.root / "loop").symlink_to(place.root / "loop")
    assert "loop" in refusal(lambda: place.readable("loop"))
    assert list(place.files("数据")) == ["数据/鸟.csv"]


def test_names_that_json_cannot_carry_are_left_out(place: Workspace) -> None:
    try:
        (place.root / "\udce4.txt").touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert "\udce4.txt" not in list(place.files())


@given(st.text(alphabet="./a~\\\0é ", max_size=12))
def test_any_path_is_inside_or_refused(path: str) -> None:
    place = Workspace(Path("/nonexistent/work"))
    try:
        resolved = place.writable(path)
    except ToolError:
        return
    assert resolved.is_relative_to(place.root)
