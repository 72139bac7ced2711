import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from grad_runner.gen.grad.v1 import runner_pb2 as _runner_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FileEntry(_message.Message):
    __slots__ = ("path", "type", "bytes", "modified_at", "mode")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[FileEntry.Type]
        TYPE_FILE: _ClassVar[FileEntry.Type]
        TYPE_DIRECTORY: _ClassVar[FileEntry.Type]
        TYPE_SYMLINK: _ClassVar[FileEntry.Type]
        TYPE_OTHER: _ClassVar[FileEntry.Type]
    TYPE_UNSPECIFIED: FileEntry.Type
    TYPE_FILE: FileEntry.Type
    TYPE_DIRECTORY: FileEntry.Type
    TYPE_SYMLINK: FileEntry.Type
    TYPE_OTHER: FileEntry.Type
    PATH_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    MODIFIED_AT_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    path: str
    type: FileEntry.Type
    bytes: int
    modified_at: _timestamp_pb2.Timestamp
    mode: int
    def __init__(self, path: _Optional[str] = ..., type: _Optional[_Union[FileEntry.Type, str]] = ..., bytes: _Optional[int] = ..., modified_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., mode: _Optional[int] = ...) -> None: ...

class ListFilesRequest(_message.Message):
    __slots__ = ("runner", "path", "recursive")
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    RECURSIVE_FIELD_NUMBER: _ClassVar[int]
    runner: _runner_pb2.RunnerRef
    path: str
    recursive: bool
    def __init__(self, runner: _Optional[_Union[_runner_pb2.RunnerRef, _Mapping]] = ..., path: _Optional[str] = ..., recursive: _Optional[bool] = ...) -> None: ...

class ListFilesResponse(_message.Message):
    __slots__ = ("entries", "truncated")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[FileEntry]
    truncated: bool
    def __init__(self, entries: _Optional[_Iterable[_Union[FileEntry, _Mapping]]] = ..., truncated: _Optional[bool] = ...) -> None: ...

class ReadFileRequest(_message.Message):
    __slots__ = ("runner", "path", "offset", "max_bytes", "revision")
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    runner: _runner_pb2.RunnerRef
    path: str
    offset: int
    max_bytes: int
    revision: str
    def __init__(self, runner: _Optional[_Union[_runner_pb2.RunnerRef, _Mapping]] = ..., path: _Optional[str] = ..., offset: _Optional[int] = ..., max_bytes: _Optional[int] = ..., revision: _Optional[str] = ...) -> None: ...

class ReadFileResponse(_message.Message):
    __slots__ = ("data", "total_bytes", "revision", "mode")
    DATA_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    total_bytes: int
    revision: str
    mode: int
    def __init__(self, data: _Optional[bytes] = ..., total_bytes: _Optional[int] = ..., revision: _Optional[str] = ..., mode: _Optional[int] = ...) -> None: ...

class BeginUploadRequest(_message.Message):
    __slots__ = ("runner", "path", "total_bytes", "sha256", "mode", "existing_runner")
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    EXISTING_RUNNER_FIELD_NUMBER: _ClassVar[int]
    runner: _runner_pb2.RunnerRef
    path: str
    total_bytes: int
    sha256: str
    mode: int
    existing_runner: bool
    def __init__(self, runner: _Optional[_Union[_runner_pb2.RunnerRef, _Mapping]] = ..., path: _Optional[str] = ..., total_bytes: _Optional[int] = ..., sha256: _Optional[str] = ..., mode: _Optional[int] = ..., existing_runner: _Optional[bool] = ...) -> None: ...

class BeginUploadResponse(_message.Message):
    __slots__ = ("upload_id", "offset")
    UPLOAD_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    upload_id: str
    offset: int
    def __init__(self, upload_id: _Optional[str] = ..., offset: _Optional[int] = ...) -> None: ...

class WriteUploadRequest(_message.Message):
    __slots__ = ("runner", "upload_id", "offset", "data")
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    runner: _runner_pb2.RunnerRef
    upload_id: str
    offset: int
    data: bytes
    def __init__(self, runner: _Optional[_Union[_runner_pb2.RunnerRef, _Mapping]] = ..., upload_id: _Optional[str] = ..., offset: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class WriteUploadResponse(_message.Message):
    __slots__ = ("offset",)
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    offset: int
    def __init__(self, offset: _Optional[int] = ...) -> None: ...

class FinishUploadRequest(_message.Message):
    __slots__ = ("runner", "upload_id")
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_ID_FIELD_NUMBER: _ClassVar[int]
    runner: _runner_pb2.RunnerRef
    upload_id: str
    def __init__(self, runner: _Optional[_Union[_runner_pb2.RunnerRef, _Mapping]] = ..., upload_id: _Optional[str] = ...) -> None: ...

class FinishUploadResponse(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: FileEntry
    def __init__(self, entry: _Optional[_Union[FileEntry, _Mapping]] = ...) -> None: ...
