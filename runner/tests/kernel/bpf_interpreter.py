"""What the system does with a filter: it runs the assembled bytes over the data of one system call."""

import struct
from collections.abc import Sequence

LOAD, JUMP_IF_EQUAL, JUMP_IF_GREATER, JUMP_IF_ANY_BIT, MASK, RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06


def seccomp_data(architecture: int, number: int, arguments: Sequence[int] = ()) -> bytes:
    """struct seccomp_data; arguments are 64-bit, those that are not given are 0."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    return struct.pack("=iIQ6Q", _signed(number), architecture, 0, *padded)


def run(program: bytes, data: bytes) -> int:
    """What the program returns. Raises AssertionError for what the system would refuse to install: an unknown instruction, a jump
    or an end outside of the program, a load that is not aligned."""
    instructions = list(struct.iter_unpack("=HBBI", program))
    at = register = 0
    while True:
        assert at < len(instructions), "the program ends without a return"
        code, skip_true, skip_false, operand = instructions[at]
        at += 1
        if code == RETURN:
            return int(operand)
        if code == LOAD:
            assert operand % 4 == 0 and operand + 4 <= len(data)
            (register,) = struct.unpack_from("=I", data, operand)
        elif code == MASK:
            register &= operand
        else:
            at += skip_true if _holds(code, register, operand) else skip_false


def _holds(code: int, register: int, operand: int) -> bool:
    if code == JUMP_IF_EQUAL:
        return register == operand
    if code == JUMP_IF_GREATER:
        return register > operand
    assert code == JUMP_IF_ANY_BIT, f"unknown instruction {code:#x}"
    return bool(register & operand)


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number
