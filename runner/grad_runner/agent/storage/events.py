"""The state of an execution follows from its events."""

from grad_runner.gen.grad.v1 import execution_pb2 as pb


def apply(execution: pb.Execution, event: pb.Event) -> None:
    """Updates the execution by its next event."""
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
