"""The failures that components report to grad, with the codes of shared/error_codes.ts. wire_error.py has their wire format."""

from typing import TypeGuard

from grad_runner.gen.shared.errors import REMEDY, STATUS, ErrorCode

__all__ = ["REMEDY", "STATUS", "ErrorCode", "GradError", "is_error_code"]


def is_error_code(text: str) -> TypeGuard[ErrorCode]:
    """Whether this version knows the code."""
    return text in STATUS


class GradError(Exception):
    """A failure with a code for programs, a sentence for people and, if there is one, the next step."""

    def __init__(self, code: ErrorCode, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
