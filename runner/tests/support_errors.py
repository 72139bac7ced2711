"""What a failed call said, for tests."""

import grpc.aio

from grad_runner.common.errors import GradError
from grad_runner.common.wire_error import STATUS_DETAILS, decode_error


def error_of(error: grpc.aio.AioRpcError) -> GradError:
    """The error that a component sent with a failed call."""
    for name, value in error.trailing_metadata() or ():
        if name == STATUS_DETAILS and isinstance(value, bytes) and (sent := decode_error(value)):
            return sent
    raise AssertionError(f"no error of ours: {error.code()} {error.details()}")


def code_of(error: grpc.aio.AioRpcError) -> str:
    return error_of(error).code
