import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from grad_runner.gen.grad.v1 import dataset_pb2 as _dataset_pb2
from grad_runner.gen.grad.v1 import runner_pb2 as _runner_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExecutionStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXECUTION_STATUS_UNSPECIFIED: _ClassVar[ExecutionStatus]
    EXECUTION_STATUS_QUEUED: _ClassVar[ExecutionStatus]
    EXECUTION_STATUS_RUNNING: _ClassVar[ExecutionStatus]
    EXECUTION_STATUS_SUCCEEDED: _ClassVar[ExecutionStatus]
    EXECUTION_STATUS_FAILED: _ClassVar[ExecutionStatus]
    EXECUTION_STATUS_INTERRUPTED: _ClassVar[ExecutionStatus]
    EXECUTION_STATUS_DEADLINE_EXCEEDED: _ClassVar[ExecutionStatus]
    EXECUTION_STATUS_OUT_OF_MEMORY: _ClassVar[ExecutionStatus]
    EXECUTION_STATUS_CRASHED: _ClassVar[ExecutionStatus]
    EXECUTION_STATUS_LOST: _ClassVar[ExecutionStatus]
EXECUTION_STATUS_UNSPECIFIED: ExecutionStatus
EXECUTION_STATUS_QUEUED: ExecutionStatus
EXECUTION_STATUS_RUNNING: ExecutionStatus
EXECUTION_STATUS_SUCCEEDED: ExecutionStatus
EXECUTION_STATUS_FAILED: ExecutionStatus
EXECUTION_STATUS_INTERRUPTED: ExecutionStatus
EXECUTION_STATUS_DEADLINE_EXCEEDED: ExecutionStatus
EXECUTION_STATUS_OUT_OF_MEMORY: ExecutionStatus
EXECUTION_STATUS_CRASHED: ExecutionStatus
EXECUTION_STATUS_LOST: ExecutionStatus

class ExecuteRequest(_message.Message):
    __slots__ = ("runner", "spec", "session", "kernel", "idempotency_key", "code", "params_json", "deadline_ms", "datasets", "required_datasets", "wait_ms", "max_bytes", "code_name", "columns", "keep_other_datasets", "existing_runner", "process")
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    KERNEL_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_JSON_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_MS_FIELD_NUMBER: _ClassVar[int]
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_DATASETS_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    CODE_NAME_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    KEEP_OTHER_DATASETS_FIELD_NUMBER: _ClassVar[int]
    EXISTING_RUNNER_FIELD_NUMBER: _ClassVar[int]
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    runner: _runner_pb2.RunnerRef
    spec: _runner_pb2.RunnerSpec
    session: str
    kernel: str
    idempotency_key: str
    code: str
    params_json: str
    deadline_ms: int
    datasets: _containers.RepeatedCompositeFieldContainer[_dataset_pb2.Dataset]
    required_datasets: _containers.RepeatedScalarFieldContainer[str]
    wait_ms: int
    max_bytes: int
    code_name: str
    columns: int
    keep_other_datasets: bool
    existing_runner: bool
    process: ProcessSettings
    def __init__(self, runner: _Optional[_Union[_runner_pb2.RunnerRef, _Mapping]] = ..., spec: _Optional[_Union[_runner_pb2.RunnerSpec, _Mapping]] = ..., session: _Optional[str] = ..., kernel: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., code: _Optional[str] = ..., params_json: _Optional[str] = ..., deadline_ms: _Optional[int] = ..., datasets: _Optional[_Iterable[_Union[_dataset_pb2.Dataset, _Mapping]]] = ..., required_datasets: _Optional[_Iterable[str]] = ..., wait_ms: _Optional[int] = ..., max_bytes: _Optional[int] = ..., code_name: _Optional[str] = ..., columns: _Optional[int] = ..., keep_other_datasets: _Optional[bool] = ..., existing_runner: _Optional[bool] = ..., process: _Optional[_Union[ProcessSettings, _Mapping]] = ...) -> None: ...

class ProcessSettings(_message.Message):
    __slots__ = ("variables", "working_directory")
    class VariablesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    WORKING_DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    variables: _containers.ScalarMap[str, str]
    working_directory: str
    def __init__(self, variables: _Optional[_Mapping[str, str]] = ..., working_directory: _Optional[str] = ...) -> None: ...

class ExecuteResponse(_message.Message):
    __slots__ = ("execution", "events", "next_seq", "done", "resumed", "unavailable_datasets")
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_SEQ_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_DATASETS_FIELD_NUMBER: _ClassVar[int]
    execution: Execution
    events: _containers.RepeatedCompositeFieldContainer[Event]
    next_seq: int
    done: bool
    resumed: bool
    unavailable_datasets: _containers.RepeatedCompositeFieldContainer[_runner_pb2.AttachedDataset]
    def __init__(self, execution: _Optional[_Union[Execution, _Mapping]] = ..., events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., next_seq: _Optional[int] = ..., done: _Optional[bool] = ..., resumed: _Optional[bool] = ..., unavailable_datasets: _Optional[_Iterable[_Union[_runner_pb2.AttachedDataset, _Mapping]]] = ...) -> None: ...

class ReadEventsRequest(_message.Message):
    __slots__ = ("execution_id", "from_seq", "max_bytes", "wait_ms")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_SEQ_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    from_seq: int
    max_bytes: int
    wait_ms: int
    def __init__(self, execution_id: _Optional[str] = ..., from_seq: _Optional[int] = ..., max_bytes: _Optional[int] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class ReadEventsResponse(_message.Message):
    __slots__ = ("events", "next_seq", "done")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_SEQ_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    next_seq: int
    done: bool
    def __init__(self, events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., next_seq: _Optional[int] = ..., done: _Optional[bool] = ...) -> None: ...

class Execution(_message.Message):
    __slots__ = ("id", "runner", "session", "kernel", "status", "queued_at", "started_at", "finished_at", "code_path", "error", "usage", "truncated", "deadline_ms", "first_line", "code")
    ID_FIELD_NUMBER: _ClassVar[int]
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    KERNEL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    QUEUED_AT_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    FINISHED_AT_FIELD_NUMBER: _ClassVar[int]
    CODE_PATH_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_MS_FIELD_NUMBER: _ClassVar[int]
    FIRST_LINE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    id: str
    runner: _runner_pb2.RunnerRef
    session: str
    kernel: str
    status: ExecutionStatus
    queued_at: _timestamp_pb2.Timestamp
    started_at: _timestamp_pb2.Timestamp
    finished_at: _timestamp_pb2.Timestamp
    code_path: str
    error: ExecutionError
    usage: Usage
    truncated: Truncated
    deadline_ms: int
    first_line: str
    code: str
    def __init__(self, id: _Optional[str] = ..., runner: _Optional[_Union[_runner_pb2.RunnerRef, _Mapping]] = ..., session: _Optional[str] = ..., kernel: _Optional[str] = ..., status: _Optional[_Union[ExecutionStatus, str]] = ..., queued_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finished_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., code_path: _Optional[str] = ..., error: _Optional[_Union[ExecutionError, _Mapping]] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ..., truncated: _Optional[_Union[Truncated, _Mapping]] = ..., deadline_ms: _Optional[int] = ..., first_line: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("seq", "time", "queued", "started", "stdout", "stderr", "display", "result", "error", "artifact", "gap", "finished", "clear_output")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    STDOUT_FIELD_NUMBER: _ClassVar[int]
    STDERR_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ARTIFACT_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    CLEAR_OUTPUT_FIELD_NUMBER: _ClassVar[int]
    seq: int
    time: _timestamp_pb2.Timestamp
    queued: Queued
    started: Started
    stdout: Output
    stderr: Output
    display: MimeBundle
    result: MimeBundle
    error: ExecutionError
    artifact: Artifact
    gap: Gap
    finished: Finished
    clear_output: ClearOutput
    def __init__(self, seq: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., queued: _Optional[_Union[Queued, _Mapping]] = ..., started: _Optional[_Union[Started, _Mapping]] = ..., stdout: _Optional[_Union[Output, _Mapping]] = ..., stderr: _Optional[_Union[Output, _Mapping]] = ..., display: _Optional[_Union[MimeBundle, _Mapping]] = ..., result: _Optional[_Union[MimeBundle, _Mapping]] = ..., error: _Optional[_Union[ExecutionError, _Mapping]] = ..., artifact: _Optional[_Union[Artifact, _Mapping]] = ..., gap: _Optional[_Union[Gap, _Mapping]] = ..., finished: _Optional[_Union[Finished, _Mapping]] = ..., clear_output: _Optional[_Union[ClearOutput, _Mapping]] = ...) -> None: ...

class Queued(_message.Message):
    __slots__ = ("ahead",)
    AHEAD_FIELD_NUMBER: _ClassVar[int]
    ahead: int
    def __init__(self, ahead: _Optional[int] = ...) -> None: ...

class Started(_message.Message):
    __slots__ = ("generation", "fresh_kernel", "previous_end")
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    FRESH_KERNEL_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_END_FIELD_NUMBER: _ClassVar[int]
    generation: int
    fresh_kernel: bool
    previous_end: str
    def __init__(self, generation: _Optional[int] = ..., fresh_kernel: _Optional[bool] = ..., previous_end: _Optional[str] = ...) -> None: ...

class Output(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class MimeBundle(_message.Message):
    __slots__ = ("parts", "display_id", "update")
    PARTS_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_ID_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    parts: _containers.RepeatedCompositeFieldContainer[MimePart]
    display_id: str
    update: bool
    def __init__(self, parts: _Optional[_Iterable[_Union[MimePart, _Mapping]]] = ..., display_id: _Optional[str] = ..., update: _Optional[bool] = ...) -> None: ...

class MimePart(_message.Message):
    __slots__ = ("media_type", "data", "path", "bytes")
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    media_type: str
    data: bytes
    path: str
    bytes: int
    def __init__(self, media_type: _Optional[str] = ..., data: _Optional[bytes] = ..., path: _Optional[str] = ..., bytes: _Optional[int] = ...) -> None: ...

class ClearOutput(_message.Message):
    __slots__ = ("wait",)
    WAIT_FIELD_NUMBER: _ClassVar[int]
    wait: bool
    def __init__(self, wait: _Optional[bool] = ...) -> None: ...

class ExecutionError(_message.Message):
    __slots__ = ("code", "name", "message", "traceback", "hint", "full_traceback")
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TRACEBACK_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    FULL_TRACEBACK_FIELD_NUMBER: _ClassVar[int]
    code: str
    name: str
    message: str
    traceback: _containers.RepeatedScalarFieldContainer[str]
    hint: str
    full_traceback: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, code: _Optional[str] = ..., name: _Optional[str] = ..., message: _Optional[str] = ..., traceback: _Optional[_Iterable[str]] = ..., hint: _Optional[str] = ..., full_traceback: _Optional[_Iterable[str]] = ...) -> None: ...

class Artifact(_message.Message):
    __slots__ = ("path", "bytes", "sha256", "media_type")
    PATH_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    path: str
    bytes: int
    sha256: str
    media_type: str
    def __init__(self, path: _Optional[str] = ..., bytes: _Optional[int] = ..., sha256: _Optional[str] = ..., media_type: _Optional[str] = ...) -> None: ...

class Gap(_message.Message):
    __slots__ = ("of", "amount", "path")
    OF_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    of: str
    amount: int
    path: str
    def __init__(self, of: _Optional[str] = ..., amount: _Optional[int] = ..., path: _Optional[str] = ...) -> None: ...

class Finished(_message.Message):
    __slots__ = ("status", "duration_ms", "usage", "truncated")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    status: ExecutionStatus
    duration_ms: int
    usage: Usage
    truncated: Truncated
    def __init__(self, status: _Optional[_Union[ExecutionStatus, str]] = ..., duration_ms: _Optional[int] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ..., truncated: _Optional[_Union[Truncated, _Mapping]] = ...) -> None: ...

class Usage(_message.Message):
    __slots__ = ("cpu_ms", "peak_memory_bytes")
    CPU_MS_FIELD_NUMBER: _ClassVar[int]
    PEAK_MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    cpu_ms: int
    peak_memory_bytes: int
    def __init__(self, cpu_ms: _Optional[int] = ..., peak_memory_bytes: _Optional[int] = ...) -> None: ...

class Truncated(_message.Message):
    __slots__ = ("stdout", "stderr", "results")
    STDOUT_FIELD_NUMBER: _ClassVar[int]
    STDERR_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    stdout: bool
    stderr: bool
    results: bool
    def __init__(self, stdout: _Optional[bool] = ..., stderr: _Optional[bool] = ..., results: _Optional[bool] = ...) -> None: ...

class GetExecutionRequest(_message.Message):
    __slots__ = ("execution_id",)
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    def __init__(self, execution_id: _Optional[str] = ...) -> None: ...

class GetExecutionResponse(_message.Message):
    __slots__ = ("execution",)
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    execution: Execution
    def __init__(self, execution: _Optional[_Union[Execution, _Mapping]] = ...) -> None: ...

class ListExecutionsRequest(_message.Message):
    __slots__ = ("runner", "session", "limit")
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    runner: _runner_pb2.RunnerRef
    session: str
    limit: int
    def __init__(self, runner: _Optional[_Union[_runner_pb2.RunnerRef, _Mapping]] = ..., session: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class ListExecutionsResponse(_message.Message):
    __slots__ = ("executions",)
    EXECUTIONS_FIELD_NUMBER: _ClassVar[int]
    executions: _containers.RepeatedCompositeFieldContainer[Execution]
    def __init__(self, executions: _Optional[_Iterable[_Union[Execution, _Mapping]]] = ...) -> None: ...

class InterruptExecutionRequest(_message.Message):
    __slots__ = ("execution_id", "force", "wait_ms")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    force: bool
    wait_ms: int
    def __init__(self, execution_id: _Optional[str] = ..., force: _Optional[bool] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class InterruptExecutionResponse(_message.Message):
    __slots__ = ("execution",)
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    execution: Execution
    def __init__(self, execution: _Optional[_Union[Execution, _Mapping]] = ...) -> None: ...
