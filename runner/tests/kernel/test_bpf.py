"""Assembled programs, as the system would run them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.kernel import bpf

from .bpf_interpreter import run, seccomp_data

WORDS = st.integers(0, 2**32 - 1)


def decide(program: bpf.Body, number: int, *arguments: int) -> int:
    return run(bpf.assemble(program), seccomp_data(0, number, arguments))


@given(WORDS, WORDS)
def test_comparisons_run_their_body_or_skip_it(value: int, register: int) -> None:
    def program(body: bpf.Body) -> bpf.Body:
        return (bpf.load(bpf.NUMBER_OFFSET), *body, bpf.allow())

    stop = [bpf.kill()]
    chosen = {True: bpf.KILL, False: bpf.ALLOW}
    assert decide(program(bpf.if_equal(value, stop)), register) == chosen[register == value]
    assert decide(program(bpf.unless_equal(value, stop)), register) == chosen[register != value]
    assert decide(program(bpf.if_greater(value, stop)), register) == chosen[register > value]
    assert decide(program(bpf.if_any_bit(value, stop)), register) == chosen[register & value != 0]


@given(st.lists(WORDS, max_size=20), WORDS)
def test_for_each_is_true_of_its_members_only(values: list[int], register: int) -> None:
    program = (bpf.load(bpf.NUMBER_OFFSET), *bpf.for_each(values, [bpf.kill()]), bpf.allow())
    assert (decide(program, register) == bpf.KILL) == (register in values)


@given(st.integers(0, 5), st.integers(0, 2**64 - 1), WORDS)
def test_arguments_count_by_their_lower_half(index: int, argument: int, value: int) -> None:
    program = (bpf.load_argument(index), *bpf.if_equal(value, [bpf.kill()]), bpf.allow())
    arguments = [*[value + 1] * index, argument]
    assert (decide(program, 0, *arguments) == bpf.KILL) == (argument & 0xFFFFFFFF == value)


def test_mask_clears_the_other_bits() -> None:
    program = (bpf.load(bpf.NUMBER_OFFSET), bpf.mask(0xF), *bpf.if_equal(3, [bpf.fail(13)]), bpf.allow())
    assert decide(program, 0x80803) == 0x5000D
    assert decide(program, 0x80802) == bpf.ALLOW


def test_what_cannot_be_encoded_is_refused() -> None:
    longest = [bpf.allow()] * 255
    assert len(bpf.if_equal(1, longest)) == 256
    with pytest.raises(ValueError, match="jump over 256"):
        bpf.if_equal(1, [bpf.allow()] * 256)
    assert len(bpf.assemble([bpf.allow()] * bpf.MAX_INSTRUCTIONS)) == 8 * bpf.MAX_INSTRUCTIONS
    with pytest.raises(ValueError, match="assemble 4097"):
        bpf.assemble([bpf.allow()] * 4097)
