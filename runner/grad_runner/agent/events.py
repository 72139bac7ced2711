"""Events as the wire has them, and what they say about their execution."""

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from grad_runner.agent.execution import Raised, Status
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


def timestamp(time_ns: int) -> Timestamp:
    return Timestamp(seconds=time_ns // 1_000_000_000, nanos=time_ns % 1_000_000_000)


def time_ns(stamp: Timestamp) -> int:
    return stamp.seconds * 1_000_000_000 + stamp.nanos


def error_message(raised: Raised, hint: str = "") -> pb.ExecutionError:
    return pb.ExecutionError(
        code=raised.code,
        name=raised.name,
        message=raised.message,
        traceback=raised.traceback,
        hint=hint or _HINTS.get(raised.code, ""),
    )


def apply(execution: pb.Execution, event: pb.Event) -> None:
    """Brings the execution up to the event."""
    kind = event.WhichOneof("kind")
    if kind == "queued":
        execution.status = pb.EXECUTION_STATUS_QUEUED
        execution.queued_at.CopyFrom(event.time)
    elif kind == "started":
        execution.status = pb.EXECUTION_STATUS_RUNNING
        execution.started_at.CopyFrom(event.time)
    elif kind == "error":
        execution.error.CopyFrom(event.error)
    elif kind == "finished":
        execution.status = event.finished.status
        execution.finished_at.CopyFrom(event.time)
        execution.usage.CopyFrom(event.finished.usage)
        execution.truncated.CopyFrom(event.finished.truncated)
        if execution.status == pb.EXECUTION_STATUS_SUCCEEDED:
            execution.ClearField("error")
