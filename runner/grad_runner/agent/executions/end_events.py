"""What is journaled of how an execution ended."""

from typing import Final

from grad_runner.agent.executions.execution import Raised, Status
from grad_runner.gen.grad.v1 import execution_pb2 as pb

STATUS: Final[dict[Status, pb.ExecutionStatus]] = {
    "succeeded": pb.EXECUTION_STATUS_SUCCEEDED,
    "failed": pb.EXECUTION_STATUS_FAILED,
    "interrupted": pb.EXECUTION_STATUS_INTERRUPTED,
    "deadline_exceeded": pb.EXECUTION_STATUS_DEADLINE_EXCEEDED,
    "out_of_memory": pb.EXECUTION_STATUS_OUT_OF_MEMORY,
    "crashed": pb.EXECUTION_STATUS_CRASHED,
    "lost": pb.EXECUTION_STATUS_LOST,
}

_HINTS: Final = {
    "interrupted": "Run it again if you need its answer.",
    "deadline_exceeded": "Give more time with `--timeout`, or make the code do less.",
    "out_of_memory": "Read fewer columns or rows, aggregate in DuckDB, or make a runner with more `--memory`. The session's "
    "variables are gone.",
    "kernel_crashed": "Look at the last output; the session begins afresh with the next execution.",
    "execution_lost": "Look at `outputs/`, then run it again if that is safe.",
}


def error_message(raised: Raised, hint: str = "") -> pb.ExecutionError:
    return pb.ExecutionError(
        code=raised.code,
        name=raised.name,
        message=raised.message,
        traceback=raised.traceback,
        hint=hint or _HINTS.get(raised.code, ""),
    )
