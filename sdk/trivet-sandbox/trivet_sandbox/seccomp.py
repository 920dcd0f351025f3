"""The filter that a sandbox's kernel calls go through, as a program of the classic BPF that `bwrap --seccomp` takes.

Layout of what the program reads: `struct seccomp_data` in Linux's `include/uapi/linux/seccomp.h`: number at byte 0,
architecture at 4, six arguments of 8 bytes from 16 on, the lower half first.
"""

import errno
import platform
import struct
from collections.abc import Iterable, Iterator, Mapping

from trivet_sandbox.syscalls import (
    ALLOWED,
    CHECKED,
    FOR_NETWORK,
    FOR_WORKERS,
    MISSING,
    NETWORK_CHECKED,
    NEWEST,
    PROGRAMS,
    THREADS,
    Only,
)

MACHINE = "x86_64"
_ARCHITECTURE = 0xC000003E
"""AUDIT_ARCH_X86_64: anything else is a 32-bit call, which has other numbers."""
_X32 = 0x40000000

_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
_UNKNOWN = 0x00050000 | errno.ENOSYS
_NO_TERMINAL = 0x00050000 | errno.ENOTTY
_PRETEND = 0x00050000

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _AT_LEAST, _GREATER, _JUMP = 0x15, 0x35, 0x25, 0x05
_instruction = struct.Struct("=HBBI")


class MachineUnsupported(Exception):
    """There is no list of kernel calls for this machine."""

    def __str__(self) -> str:
        return (
            f"this machine is {platform.machine()}, and the sandbox knows the kernel calls of {MACHINE} only, so no "
            "code can be run apart here."
        )


def program() -> bytes:
    """The filter for programs that nobody has read. Raises MachineUnsupported."""
    return _packed(_listed(ALLOWED, CHECKED))


def worker_program(*, has_network: bool) -> bytes:
    """The filter for a plugin's worker, which knows what it may do but is no stranger. Raises MachineUnsupported."""
    allowed = {**ALLOWED, **FOR_WORKERS, **(FOR_NETWORK if has_network else {})}
    checked = {name: rule for name, rule in CHECKED.items() if name not in allowed}
    return _packed(_listed(allowed, {**checked, **(NETWORK_CHECKED if has_network else {})}))


def no_programs() -> bytes:
    """A filter to be laid over another one: no more processes and programs, threads only. Raises MachineUnsupported."""
    return _packed(_threads_only())


_Instruction = tuple[int, int, int, int]


def _packed(instructions: Iterable[_Instruction]) -> bytes:
    if platform.machine() != MACHINE:
        raise MachineUnsupported
    return b"".join(_instruction.pack(*each) for each in instructions)


def _threads_only() -> Iterator[_Instruction]:
    """Of other architectures' calls the filter below has let none through."""
    yield (_LOAD, 0, 0, 0)
    for number in PROGRAMS.values():
        yield (_EQUAL, 0, 1, number)
        yield _returning(_REFUSE)
    _, number, only = THREADS
    body = list(_checked((only,), _REFUSE))
    yield (_EQUAL, 0, len(body), number)
    yield from body
    yield _returning(_ALLOW)


def _listed(allowed: Mapping[str, int], checked: Mapping[str, tuple[int, tuple[Only, ...]]]) -> Iterator[_Instruction]:
    yield from (
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _ARCHITECTURE),
        _returning(_KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, _X32),
        _returning(_KILL),
        (_GREATER, 0, 1, NEWEST),
        _returning(_UNKNOWN),
    )
    for number in sorted(allowed.values()):
        yield (_EQUAL, 0, 1, number)
        yield _returning(_ALLOW)
    for number in sorted(MISSING.values()):
        yield (_EQUAL, 0, 1, number)
        yield _returning(_UNKNOWN)
    for name, (number, conditions) in checked.items():
        body = list(_checked(conditions, _NO_TERMINAL if name == "ioctl" else _REFUSE))
        yield (_EQUAL, 0, len(body), number)
        yield from body
    yield _returning(_REFUSE)


def _checked(conditions: tuple[Only, ...], refusal: int) -> Iterator[_Instruction]:
    """Every condition in turn; the first that does not hold refuses, and at the end the call is allowed."""
    for only in conditions:
        if only.is_whole:
            yield (_LOAD, 0, 0, 16 + 8 * only.place + 4)
            yield (_EQUAL, 1, 0, 0)
            yield _returning(refusal)
        yield (_LOAD, 0, 0, 16 + 8 * only.place)
        if only.mask != 0xFFFFFFFF:
            yield (_AND, 0, 0, only.mask)
        for left, value in zip(range(len(only.values), 0, -1), only.values, strict=True):
            yield (_EQUAL, left, 0, value)  # over the values that are left and the refusal
        yield _returning(refusal)
    yield _returning(_ALLOW)


def _returning(verdict: int) -> _Instruction:
    return (_RETURN, 0, 0, verdict)


def overlay(
    pretended: Iterable[int], unknown: Iterable[int], checked: Mapping[str, tuple[int, tuple[Only, ...]]]
) -> bytes:
    """A filter to be laid over another one: what is `pretended` does nothing and says that all went well. All else is allowed
    here. Raises MachineUnsupported."""
    if platform.machine() != MACHINE:
        raise MachineUnsupported
    instructions: list[_Instruction] = [(_LOAD, 0, 0, 0)]
    for numbers, verdict in ((pretended, _PRETEND), (unknown, _UNKNOWN)):
        for number in sorted(numbers):
            instructions += [(_EQUAL, 0, 1, number), _returning(verdict)]
    for number, conditions in checked.values():
        body = list(_checked(conditions, _REFUSE))
        instructions += [(_EQUAL, 0, len(body), number), *body]
    instructions.append(_returning(_ALLOW))
    return b"".join(_instruction.pack(*each) for each in instructions)
