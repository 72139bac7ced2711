"""Programs of the classic Berkeley Packet Filter (BPF), as seccomp(2) runs them over each system call. Pure.

A program reads 32-bit words of `struct seccomp_data` into its only register and compares them; all jumps go forward.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

NUMBER_OFFSET: Final = 0
ARCHITECTURE_OFFSET: Final = 4
_ARGUMENTS_OFFSET: Final = 16
_WORD_BYTES: Final = 4
_MAX_SKIP: Final = 255
"""What a conditional jump can skip."""
MAX_INSTRUCTIONS: Final = 4096
"""The system refuses longer programs."""

LOAD: Final = 0x20
JUMP_IF_EQUAL: Final = 0x15
JUMP_IF_GREATER: Final = 0x25
JUMP_IF_ANY_BIT: Final = 0x45
MASK: Final = 0x54
RETURN: Final = 0x06

ALLOW: Final = 0x7FFF0000
KILL: Final = 0x80000000
"""Ends the whole process."""
_FAIL: Final = 0x00050000


@dataclass(frozen=True, slots=True)
class Instruction:
    """`skip_true` and `skip_false` are how many instructions a jump skips; `operand` is an unsigned 32-bit number."""

    code: int
    operand: int
    skip_true: int = 0
    skip_false: int = 0


Body: TypeAlias = Sequence[Instruction]


def load(offset: int) -> Instruction:
    """Reads the word at `offset` of the data."""
    return Instruction(LOAD, offset)


def load_argument(index: int) -> Instruction:
    """Reads the lower half of an argument (0 to 5). The system takes an `int` from it, whatever the upper half is."""
    return load(_ARGUMENTS_OFFSET + 2 * _WORD_BYTES * index)


def mask(bits: int) -> Instruction:
    """Clears the other bits of the register."""
    return Instruction(MASK, bits)


def allow() -> Instruction:
    return Instruction(RETURN, ALLOW)


def kill() -> Instruction:
    return Instruction(RETURN, KILL)


def fail(error: int) -> Instruction:
    """The call is not made and returns this errno."""
    return Instruction(RETURN, _FAIL | error)


def if_equal(value: int, body: Body) -> Body:
    """Runs `body` if the register is `value`."""
    return (Instruction(JUMP_IF_EQUAL, value, 0, _skip(body)), *body)


def unless_equal(value: int, body: Body) -> Body:
    """Runs `body` if the register is not `value`."""
    return (Instruction(JUMP_IF_EQUAL, value, _skip(body), 0), *body)


def if_greater(value: int, body: Body) -> Body:
    """Runs `body` if the register is above `value`; both are unsigned."""
    return (Instruction(JUMP_IF_GREATER, value, 0, _skip(body)), *body)


def if_any_bit(bits: int, body: Body) -> Body:
    """Runs `body` if the register has one of these bits."""
    return (Instruction(JUMP_IF_ANY_BIT, bits, 0, _skip(body)), *body)


def for_each(values: Iterable[int], body: Body) -> Body:
    """Runs `body`, which must return, if the register is one of `values`."""
    return [instruction for value in values for instruction in if_equal(value, body)]


def assemble(program: Body) -> bytes:
    """`struct sock_filter` for each instruction, in the byte order of this machine. Raises ValueError for a program that is too
    long."""
    if len(program) > MAX_INSTRUCTIONS:
        raise ValueError(f"Cannot assemble {len(program)} instructions: at most {MAX_INSTRUCTIONS}")
    return b"".join(
        struct.pack("=HBBI", one.code, one.skip_true, one.skip_false, one.operand) for one in program
    )


def _skip(body: Body) -> int:
    if len(body) > _MAX_SKIP:
        raise ValueError(f"Cannot jump over {len(body)} instructions: at most {_MAX_SKIP}")
    return len(body)
