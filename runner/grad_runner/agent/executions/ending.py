"""The last events of an execution: how it ended, and why."""

import errno
from collections.abc import Sequence
from typing import Final

from grad_runner.agent.executions.execution import Failure, Status
from grad_runner.agent.storage.record import Record
from grad_runner.common.errors import REMEDY, ErrorCode, is_error_code
from grad_runner.common.log import log
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

_REMEDY_AS_HINT: Final[tuple[ErrorCode, ...]] = (
    "interrupted",
    "deadline_exceeded",
    "out_of_memory",
    "kernel_crashed",
    "execution_lost",
    "storage_full",
)
"""An exception has hints of its own, or none."""


def error_message(failure: Failure, hint: str = "") -> pb.ExecutionError:
    """`hint`, or else the failure's own, replaces the usual hint of its code."""
    code = failure.code
    hint = hint or failure.hint
    if is_error_code(code) and code in _REMEDY_AS_HINT:
        hint = hint or REMEDY[code]
    return pb.ExecutionError(
        code=failure.code,
        name=failure.name,
        message=failure.message,
        traceback=failure.traceback,
        hint=hint,
        full_traceback=failure.full_traceback,
    )


async def finish(record: Record, events: Sequence[pb.Event]) -> None:
    """Journals and shows the last events. If the disk does not take them, the execution is shown as lost instead: a client must
    not see a success that a restart of the agent would forget."""
    try:
        await record.finish(*events)
    except OSError as error:
        log("error", "execution.not_journaled", execution=record.id, error=str(error))
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        failure = Failure(
            "storage_full" if is_full else "execution_lost",
            "",
            f"Cannot store the end of the execution: {error.strerror}",
        )
        record.finish_unjournaled(
            pb.Event(error=error_message(failure)),
            pb.Event(finished=pb.Finished(status=pb.EXECUTION_STATUS_LOST)),
        )
