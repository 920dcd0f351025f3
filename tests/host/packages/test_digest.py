"""Which files a plugin's digest is over: all that could be imported."""

import py_compile
from pathlib import Path

from trivet.packages.digest import DigestCache, plugin_files


def names(place: Path) -> set[str]:
    return set(plugin_files(place, "my-plugin", DigestCache(place.parent / "cache")))


def test_byte_code_of_a_source_is_no_change_and_anything_else_beside_it_is(tmp_path: Path) -> None:
    package = tmp_path / "site" / "my_plugin"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("x = 1\n")
    before = names(package)
    assert before == {"my_plugin/__init__.py"}
    py_compile.compile(str(package / "__init__.py"))
    made = next((package / "__pycache__").iterdir())
    made.with_name(f"{made.name}.140312").write_bytes(b"half written")
    assert names(package) == before

    for hidden in ("payload.py", "payload.pyc", "gone.cpython-311.pyc"):
        (package / "__pycache__" / hidden).write_bytes(b"")
    assert names(package) - before == {
        f"my_plugin/__pycache__/{hidden}" for hidden in ("payload.py", "payload.pyc", "gone.cpython-311.pyc")
    }
