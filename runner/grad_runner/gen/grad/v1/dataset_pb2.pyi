from grad_runner.gen.grad.v1 import runner_pb2 as _runner_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Access(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACCESS_UNSPECIFIED: _ClassVar[Access]
    ACCESS_READ_ONLY: _ClassVar[Access]
    ACCESS_READ_WRITE: _ClassVar[Access]
ACCESS_UNSPECIFIED: Access
ACCESS_READ_ONLY: Access
ACCESS_READ_WRITE: Access

class Dataset(_message.Message):
    __slots__ = ("name", "description", "access", "s3", "directory")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    S3_FIELD_NUMBER: _ClassVar[int]
    DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    access: Access
    s3: S3Source
    directory: DirectorySource
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., access: _Optional[_Union[Access, str]] = ..., s3: _Optional[_Union[S3Source, _Mapping]] = ..., directory: _Optional[_Union[DirectorySource, _Mapping]] = ...) -> None: ...

class S3Source(_message.Message):
    __slots__ = ("endpoint", "region", "bucket", "prefix", "path_style", "credentials", "credentials_unavailable")
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    PATH_STYLE_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_UNAVAILABLE_FIELD_NUMBER: _ClassVar[int]
    endpoint: str
    region: str
    bucket: str
    prefix: str
    path_style: bool
    credentials: S3Credentials
    credentials_unavailable: bool
    def __init__(self, endpoint: _Optional[str] = ..., region: _Optional[str] = ..., bucket: _Optional[str] = ..., prefix: _Optional[str] = ..., path_style: _Optional[bool] = ..., credentials: _Optional[_Union[S3Credentials, _Mapping]] = ..., credentials_unavailable: _Optional[bool] = ...) -> None: ...

class S3Credentials(_message.Message):
    __slots__ = ("access_key_id", "secret_access_key", "session_token", "expires_at_seconds")
    ACCESS_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    SECRET_ACCESS_KEY_FIELD_NUMBER: _ClassVar[int]
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    access_key_id: str
    secret_access_key: str
    session_token: str
    expires_at_seconds: int
    def __init__(self, access_key_id: _Optional[str] = ..., secret_access_key: _Optional[str] = ..., session_token: _Optional[str] = ..., expires_at_seconds: _Optional[int] = ...) -> None: ...

class DirectorySource(_message.Message):
    __slots__ = ("path",)
    PATH_FIELD_NUMBER: _ClassVar[int]
    path: str
    def __init__(self, path: _Optional[str] = ...) -> None: ...

class CheckDatasetRequest(_message.Message):
    __slots__ = ("runner", "dataset", "max_files", "existing_runner")
    RUNNER_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    MAX_FILES_FIELD_NUMBER: _ClassVar[int]
    EXISTING_RUNNER_FIELD_NUMBER: _ClassVar[int]
    runner: _runner_pb2.RunnerRef
    dataset: Dataset
    max_files: int
    existing_runner: bool
    def __init__(self, runner: _Optional[_Union[_runner_pb2.RunnerRef, _Mapping]] = ..., dataset: _Optional[_Union[Dataset, _Mapping]] = ..., max_files: _Optional[int] = ..., existing_runner: _Optional[bool] = ...) -> None: ...

class CheckDatasetResponse(_message.Message):
    __slots__ = ("attached", "files", "bytes", "truncated", "tables", "sample_paths")
    ATTACHED_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_PATHS_FIELD_NUMBER: _ClassVar[int]
    attached: _runner_pb2.AttachedDataset
    files: int
    bytes: int
    truncated: bool
    tables: _containers.RepeatedCompositeFieldContainer[Table]
    sample_paths: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, attached: _Optional[_Union[_runner_pb2.AttachedDataset, _Mapping]] = ..., files: _Optional[int] = ..., bytes: _Optional[int] = ..., truncated: _Optional[bool] = ..., tables: _Optional[_Iterable[_Union[Table, _Mapping]]] = ..., sample_paths: _Optional[_Iterable[str]] = ...) -> None: ...

class Table(_message.Message):
    __slots__ = ("path", "files", "rows", "columns")
    PATH_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    path: str
    files: int
    rows: int
    columns: _containers.RepeatedCompositeFieldContainer[Column]
    def __init__(self, path: _Optional[str] = ..., files: _Optional[int] = ..., rows: _Optional[int] = ..., columns: _Optional[_Iterable[_Union[Column, _Mapping]]] = ...) -> None: ...

class Column(_message.Message):
    __slots__ = ("name", "type")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ...) -> None: ...
