import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Network(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NETWORK_UNSPECIFIED: _ClassVar[Network]
    NETWORK_NONE: _ClassVar[Network]
    NETWORK_FULL: _ClassVar[Network]

class RunnerPhase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUNNER_PHASE_UNSPECIFIED: _ClassVar[RunnerPhase]
    RUNNER_PHASE_CREATING: _ClassVar[RunnerPhase]
    RUNNER_PHASE_READY: _ClassVar[RunnerPhase]
    RUNNER_PHASE_LOST: _ClassVar[RunnerPhase]
    RUNNER_PHASE_DESTROYING: _ClassVar[RunnerPhase]
    RUNNER_PHASE_DESTROYED: _ClassVar[RunnerPhase]
    RUNNER_PHASE_FAILED: _ClassVar[RunnerPhase]
    RUNNER_PHASE_PAUSING: _ClassVar[RunnerPhase]
    RUNNER_PHASE_PAUSED: _ClassVar[RunnerPhase]

class RunnerStage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUNNER_STAGE_UNSPECIFIED: _ClassVar[RunnerStage]
    RUNNER_STAGE_NONE: _ClassVar[RunnerStage]
    RUNNER_STAGE_WAITING: _ClassVar[RunnerStage]
    RUNNER_STAGE_STARTING_COMPONENTS: _ClassVar[RunnerStage]
    RUNNER_STAGE_WAITING_FOR_KERNELS: _ClassVar[RunnerStage]
    RUNNER_STAGE_MOUNTING_DATASETS: _ClassVar[RunnerStage]
    RUNNER_STAGE_STOPPING_COMPONENTS: _ClassVar[RunnerStage]
    RUNNER_STAGE_DELETING_VOLUME: _ClassVar[RunnerStage]
    RUNNER_STAGE_SCHEDULING: _ClassVar[RunnerStage]
    RUNNER_STAGE_PREPARING_NODE: _ClassVar[RunnerStage]
    RUNNER_STAGE_PULLING_IMAGE: _ClassVar[RunnerStage]

class RunnerReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUNNER_REASON_UNSPECIFIED: _ClassVar[RunnerReason]
    RUNNER_REASON_NONE: _ClassVar[RunnerReason]
    RUNNER_REASON_COMPONENTS_ENDED: _ClassVar[RunnerReason]
    RUNNER_REASON_COMPONENT_FAILING: _ClassVar[RunnerReason]
    RUNNER_REASON_NO_PROGRESS: _ClassVar[RunnerReason]
    RUNNER_REASON_SANDBOX_UNAVAILABLE: _ClassVar[RunnerReason]
    RUNNER_REASON_VERSION_MISMATCH: _ClassVar[RunnerReason]
    RUNNER_REASON_START_FAILED: _ClassVar[RunnerReason]
    RUNNER_REASON_UNSCHEDULABLE: _ClassVar[RunnerReason]
    RUNNER_REASON_IMAGE_UNAVAILABLE: _ClassVar[RunnerReason]
    RUNNER_REASON_IDLE: _ClassVar[RunnerReason]
    RUNNER_REASON_QUOTA_EXCEEDED: _ClassVar[RunnerReason]
    RUNNER_REASON_VOLUME_UNAVAILABLE: _ClassVar[RunnerReason]
    RUNNER_REASON_EVICTED: _ClassVar[RunnerReason]

class AttachState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTACH_STATE_UNSPECIFIED: _ClassVar[AttachState]
    ATTACH_STATE_MOUNTING: _ClassVar[AttachState]
    ATTACH_STATE_MOUNTED: _ClassVar[AttachState]
    ATTACH_STATE_FAILED: _ClassVar[AttachState]
NETWORK_UNSPECIFIED: Network
NETWORK_NONE: Network
NETWORK_FULL: Network
RUNNER_PHASE_UNSPECIFIED: RunnerPhase
RUNNER_PHASE_CREATING: RunnerPhase
RUNNER_PHASE_READY: RunnerPhase
RUNNER_PHASE_LOST: RunnerPhase
RUNNER_PHASE_DESTROYING: RunnerPhase
RUNNER_PHASE_DESTROYED: RunnerPhase
RUNNER_PHASE_FAILED: RunnerPhase
RUNNER_PHASE_PAUSING: RunnerPhase
RUNNER_PHASE_PAUSED: RunnerPhase
RUNNER_STAGE_UNSPECIFIED: RunnerStage
RUNNER_STAGE_NONE: RunnerStage
RUNNER_STAGE_WAITING: RunnerStage
RUNNER_STAGE_STARTING_COMPONENTS: RunnerStage
RUNNER_STAGE_WAITING_FOR_KERNELS: RunnerStage
RUNNER_STAGE_MOUNTING_DATASETS: RunnerStage
RUNNER_STAGE_STOPPING_COMPONENTS: RunnerStage
RUNNER_STAGE_DELETING_VOLUME: RunnerStage
RUNNER_STAGE_SCHEDULING: RunnerStage
RUNNER_STAGE_PREPARING_NODE: RunnerStage
RUNNER_STAGE_PULLING_IMAGE: RunnerStage
RUNNER_REASON_UNSPECIFIED: RunnerReason
RUNNER_REASON_NONE: RunnerReason
RUNNER_REASON_COMPONENTS_ENDED: RunnerReason
RUNNER_REASON_COMPONENT_FAILING: RunnerReason
RUNNER_REASON_NO_PROGRESS: RunnerReason
RUNNER_REASON_SANDBOX_UNAVAILABLE: RunnerReason
RUNNER_REASON_VERSION_MISMATCH: RunnerReason
RUNNER_REASON_START_FAILED: RunnerReason
RUNNER_REASON_UNSCHEDULABLE: RunnerReason
RUNNER_REASON_IMAGE_UNAVAILABLE: RunnerReason
RUNNER_REASON_IDLE: RunnerReason
RUNNER_REASON_QUOTA_EXCEEDED: RunnerReason
RUNNER_REASON_VOLUME_UNAVAILABLE: RunnerReason
RUNNER_REASON_EVICTED: RunnerReason
ATTACH_STATE_UNSPECIFIED: AttachState
ATTACH_STATE_MOUNTING: AttachState
ATTACH_STATE_MOUNTED: AttachState
ATTACH_STATE_FAILED: AttachState

class RunnerRef(_message.Message):
    __slots__ = ("workspace_id", "name", "owner")
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    workspace_id: str
    name: str
    owner: str
    def __init__(self, workspace_id: _Optional[str] = ..., name: _Optional[str] = ..., owner: _Optional[str] = ...) -> None: ...

class Resources(_message.Message):
    __slots__ = ("cpu_millis", "memory_mib", "storage_mib")
    CPU_MILLIS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_MIB_FIELD_NUMBER: _ClassVar[int]
    STORAGE_MIB_FIELD_NUMBER: _ClassVar[int]
    cpu_millis: int
    memory_mib: int
    storage_mib: int
    def __init__(self, cpu_millis: _Optional[int] = ..., memory_mib: _Optional[int] = ..., storage_mib: _Optional[int] = ...) -> None: ...

class RunnerSpec(_message.Message):
    __slots__ = ("environment", "resources", "network")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    environment: str
    resources: Resources
    network: Network
    def __init__(self, environment: _Optional[str] = ..., resources: _Optional[_Union[Resources, _Mapping]] = ..., network: _Optional[_Union[Network, str]] = ...) -> None: ...

class Runner(_message.Message):
    __slots__ = ("id", "ref", "owner", "phase", "phase_message", "spec", "created_at", "last_active_at", "last_activity", "datasets", "tombstone", "agent_version", "backend", "stage", "reason", "pause_at", "destroy_at", "paused_at", "lost_sessions")
    ID_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    PHASE_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_ACTIVE_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    TOMBSTONE_FIELD_NUMBER: _ClassVar[int]
    AGENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PAUSE_AT_FIELD_NUMBER: _ClassVar[int]
    DESTROY_AT_FIELD_NUMBER: _ClassVar[int]
    PAUSED_AT_FIELD_NUMBER: _ClassVar[int]
    LOST_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    id: str
    ref: RunnerRef
    owner: str
    phase: RunnerPhase
    phase_message: str
    spec: RunnerSpec
    created_at: _timestamp_pb2.Timestamp
    last_active_at: _timestamp_pb2.Timestamp
    last_activity: str
    datasets: _containers.RepeatedCompositeFieldContainer[AttachedDataset]
    tombstone: Tombstone
    agent_version: str
    backend: str
    stage: RunnerStage
    reason: RunnerReason
    pause_at: _timestamp_pb2.Timestamp
    destroy_at: _timestamp_pb2.Timestamp
    paused_at: _timestamp_pb2.Timestamp
    lost_sessions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., ref: _Optional[_Union[RunnerRef, _Mapping]] = ..., owner: _Optional[str] = ..., phase: _Optional[_Union[RunnerPhase, str]] = ..., phase_message: _Optional[str] = ..., spec: _Optional[_Union[RunnerSpec, _Mapping]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_active_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_activity: _Optional[str] = ..., datasets: _Optional[_Iterable[_Union[AttachedDataset, _Mapping]]] = ..., tombstone: _Optional[_Union[Tombstone, _Mapping]] = ..., agent_version: _Optional[str] = ..., backend: _Optional[str] = ..., stage: _Optional[_Union[RunnerStage, str]] = ..., reason: _Optional[_Union[RunnerReason, str]] = ..., pause_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., destroy_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., paused_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lost_sessions: _Optional[_Iterable[str]] = ...) -> None: ...

class AttachedDataset(_message.Message):
    __slots__ = ("name", "state", "error_code", "error_message", "error_hint", "path")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ERROR_HINT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: AttachState
    error_code: str
    error_message: str
    error_hint: str
    path: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[AttachState, str]] = ..., error_code: _Optional[str] = ..., error_message: _Optional[str] = ..., error_hint: _Optional[str] = ..., path: _Optional[str] = ...) -> None: ...

class Tombstone(_message.Message):
    __slots__ = ("ended_at", "ended_by", "reason", "message")
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ended_at: _timestamp_pb2.Timestamp
    ended_by: str
    reason: str
    message: str
    def __init__(self, ended_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ended_by: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class CreateRunnerRequest(_message.Message):
    __slots__ = ("ref", "spec")
    REF_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    ref: RunnerRef
    spec: RunnerSpec
    def __init__(self, ref: _Optional[_Union[RunnerRef, _Mapping]] = ..., spec: _Optional[_Union[RunnerSpec, _Mapping]] = ...) -> None: ...

class CreateRunnerResponse(_message.Message):
    __slots__ = ("runner", "created")
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    runner: Runner
    created: bool
    def __init__(self, runner: _Optional[_Union[Runner, _Mapping]] = ..., created: _Optional[bool] = ...) -> None: ...

class GetRunnerRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: RunnerRef
    def __init__(self, ref: _Optional[_Union[RunnerRef, _Mapping]] = ...) -> None: ...

class GetRunnerResponse(_message.Message):
    __slots__ = ("runner",)
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    runner: Runner
    def __init__(self, runner: _Optional[_Union[Runner, _Mapping]] = ...) -> None: ...

class ListRunnersRequest(_message.Message):
    __slots__ = ("workspace_id", "include_ended", "all_owners")
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_ENDED_FIELD_NUMBER: _ClassVar[int]
    ALL_OWNERS_FIELD_NUMBER: _ClassVar[int]
    workspace_id: str
    include_ended: bool
    all_owners: bool
    def __init__(self, workspace_id: _Optional[str] = ..., include_ended: _Optional[bool] = ..., all_owners: _Optional[bool] = ...) -> None: ...

class ListRunnersResponse(_message.Message):
    __slots__ = ("runners",)
    RUNNERS_FIELD_NUMBER: _ClassVar[int]
    runners: _containers.RepeatedCompositeFieldContainer[Runner]
    def __init__(self, runners: _Optional[_Iterable[_Union[Runner, _Mapping]]] = ...) -> None: ...

class DestroyRunnerRequest(_message.Message):
    __slots__ = ("ref", "force")
    REF_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    ref: RunnerRef
    force: bool
    def __init__(self, ref: _Optional[_Union[RunnerRef, _Mapping]] = ..., force: _Optional[bool] = ...) -> None: ...

class DestroyRunnerResponse(_message.Message):
    __slots__ = ("runner",)
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    runner: Runner
    def __init__(self, runner: _Optional[_Union[Runner, _Mapping]] = ...) -> None: ...

class PauseRunnerRequest(_message.Message):
    __slots__ = ("ref", "force")
    REF_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    ref: RunnerRef
    force: bool
    def __init__(self, ref: _Optional[_Union[RunnerRef, _Mapping]] = ..., force: _Optional[bool] = ...) -> None: ...

class PauseRunnerResponse(_message.Message):
    __slots__ = ("runner",)
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    runner: Runner
    def __init__(self, runner: _Optional[_Union[Runner, _Mapping]] = ...) -> None: ...

class ResumeRunnerRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: RunnerRef
    def __init__(self, ref: _Optional[_Union[RunnerRef, _Mapping]] = ...) -> None: ...

class ResumeRunnerResponse(_message.Message):
    __slots__ = ("runner", "resumed")
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    runner: Runner
    resumed: bool
    def __init__(self, runner: _Optional[_Union[Runner, _Mapping]] = ..., resumed: _Optional[bool] = ...) -> None: ...

class ReadRunnerLogsRequest(_message.Message):
    __slots__ = ("ref", "component", "max_lines")
    REF_FIELD_NUMBER: _ClassVar[int]
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    MAX_LINES_FIELD_NUMBER: _ClassVar[int]
    ref: RunnerRef
    component: str
    max_lines: int
    def __init__(self, ref: _Optional[_Union[RunnerRef, _Mapping]] = ..., component: _Optional[str] = ..., max_lines: _Optional[int] = ...) -> None: ...

class ReadRunnerLogsResponse(_message.Message):
    __slots__ = ("logs",)
    LOGS_FIELD_NUMBER: _ClassVar[int]
    logs: _containers.RepeatedCompositeFieldContainer[ComponentLog]
    def __init__(self, logs: _Optional[_Iterable[_Union[ComponentLog, _Mapping]]] = ...) -> None: ...

class ComponentLog(_message.Message):
    __slots__ = ("component", "text", "previous")
    COMPONENT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    component: str
    text: str
    previous: bool
    def __init__(self, component: _Optional[str] = ..., text: _Optional[str] = ..., previous: _Optional[bool] = ...) -> None: ...

class WatchRunnersRequest(_message.Message):
    __slots__ = ("workspace_id", "include_ended", "cursor", "wait_ms", "all_owners")
    WORKSPACE_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_ENDED_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    ALL_OWNERS_FIELD_NUMBER: _ClassVar[int]
    workspace_id: str
    include_ended: bool
    cursor: str
    wait_ms: int
    all_owners: bool
    def __init__(self, workspace_id: _Optional[str] = ..., include_ended: _Optional[bool] = ..., cursor: _Optional[str] = ..., wait_ms: _Optional[int] = ..., all_owners: _Optional[bool] = ...) -> None: ...

class WatchRunnersResponse(_message.Message):
    __slots__ = ("runners", "cursor")
    RUNNERS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    runners: _containers.RepeatedCompositeFieldContainer[Runner]
    cursor: str
    def __init__(self, runners: _Optional[_Iterable[_Union[Runner, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...
