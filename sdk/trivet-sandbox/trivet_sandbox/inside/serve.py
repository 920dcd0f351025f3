"""Runs inside of the sandbox: takes programs over one pipe and tells over another what became of them.

Only the standard library, and nothing from the workspace before a program asks for it. The host believes nothing that is
said here but for the program that it has just sent. `trivet_sandbox` is here a bare folder with this one in it.
"""

import ast
import builtins
import json
import linecache
import os
import resource
import struct
import sys
import traceback
from contextlib import suppress
from types import ModuleType
from typing import Any

sys.path.insert(0, os.path.abspath(f"{__file__}/../../.."))
from trivet_sandbox.inside.shown import LONGEST, figures, shown

sys.path.pop(0)

HEADER = struct.Struct("<I")


def main() -> None:
    requests, replies = int(sys.argv[1]), int(sys.argv[2])
    bounds = json.loads(sys.argv[3])
    _bound(bounds)
    sys.argv[:] = [""]
    for name in ("exit", "quit"):
        setattr(builtins, name, _leave)  # the module `site`, which brings them, is not loaded
    sys.path += [*bounds["packages"], os.getcwd()]
    for descriptor in (requests, replies):
        os.set_inheritable(descriptor, False)
    os.register_at_fork(after_in_child=lambda: _close(requests, replies))
    _say(replies, {"ready": True})
    own = sys.modules["__main__"]
    program = sys.modules["__main__"] = ModuleType("__main__")  # what programs define can be pickled by its name
    _serve(requests, replies, program.__dict__)
    sys.modules["__main__"] = own


def _leave(code: object = None) -> None:
    raise SystemExit(code)


def _serve(requests: int, replies: int, session: dict[str, Any]) -> None:
    number = 0
    while (request := _heard(requests)) is not None:
        number += 1
        told = _run(request["code"], f"<program {number}>", session)
        with suppress(BaseException):  # the program's own objects are asked
            told["figures"] = figures()
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):  # a program may have closed or replaced it
                stream.flush()
        _say(replies, {"id": request["id"], **told})


def _bound(bounds: dict[str, Any]) -> None:
    for name, value in (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_DATA", bounds["memory"]),
        ("RLIMIT_FSIZE", bounds["file"]),
        ("RLIMIT_NOFILE", bounds["files"]),
        ("RLIMIT_NPROC", bounds["processes"]),
        ("RLIMIT_MEMLOCK", 0),
    ):
        resource.setrlimit(getattr(resource, name), (value, value))


def _run(code: str, name: str, session: dict[str, Any]) -> dict[str, Any]:
    """Like a cell of a notebook: the value of a last expression counts."""
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    try:
        tree = ast.parse(code, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), session)
        value = None
        if last is not None:
            assert isinstance(last, ast.Expr)
            value = eval(compile(ast.Expression(last.value), name, "eval"), session)
        return {"status": "ok", **shown(value)}
    except SystemExit as error:
        if error.code in (None, 0):
            return {"status": "ok"}
        return {"status": "error", "error": f"SystemExit: {error.code}"[:LONGEST]}
    except BaseException as error:  # whatever a program raises is what is told of it
        return {"status": "error", "error": _told(error)}


def _told(error: BaseException) -> str:
    try:
        frames = traceback.extract_tb(error.__traceback__)
        while frames and not frames[0].filename.startswith("<program "):  # how it came to be run is nobody's concern
            frames.pop(0)
        lines = ["Traceback (most recent call last):\n", *traceback.format_list(frames)] if frames else []
        return "".join([*lines, *traceback.format_exception_only(error)])[-LONGEST:]
    except BaseException:  # even `__str__` is the program's
        return type(error).__name__


def _heard(descriptor: int) -> Any:
    header = _read(descriptor, HEADER.size)
    if header is None:
        return None
    body = _read(descriptor, HEADER.unpack(header)[0])
    return None if body is None else json.loads(body)


def _read(descriptor: int, size: int) -> bytes | None:
    found = b""
    while len(found) < size:
        piece = os.read(descriptor, size - len(found))
        if not piece:
            return None
        found += piece
    return found


def _say(descriptor: int, message: dict[str, Any]) -> None:
    body = json.dumps(message).encode()
    body = HEADER.pack(len(body)) + body
    while body:
        body = body[os.write(descriptor, body) :]


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        with suppress(OSError):
            os.close(descriptor)


if __name__ == "__main__":
    main()
