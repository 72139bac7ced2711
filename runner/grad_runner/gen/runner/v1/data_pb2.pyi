from grad_runner.gen.grad.v1 import dataset_pb2 as _dataset_pb2
from grad_runner.gen.grad.v1 import runner_pb2 as _runner_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ApplyRequest(_message.Message):
    __slots__ = ("datasets", "wait_ms", "required", "keep_others")
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    KEEP_OTHERS_FIELD_NUMBER: _ClassVar[int]
    datasets: _containers.RepeatedCompositeFieldContainer[_dataset_pb2.Dataset]
    wait_ms: int
    required: _containers.RepeatedScalarFieldContainer[str]
    keep_others: bool
    def __init__(self, datasets: _Optional[_Iterable[_Union[_dataset_pb2.Dataset, _Mapping]]] = ..., wait_ms: _Optional[int] = ..., required: _Optional[_Iterable[str]] = ..., keep_others: _Optional[bool] = ...) -> None: ...

class ApplyResponse(_message.Message):
    __slots__ = ("datasets", "version")
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    datasets: _containers.RepeatedCompositeFieldContainer[_runner_pb2.AttachedDataset]
    version: str
    def __init__(self, datasets: _Optional[_Iterable[_Union[_runner_pb2.AttachedDataset, _Mapping]]] = ..., version: _Optional[str] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("datasets",)
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    datasets: _containers.RepeatedCompositeFieldContainer[_runner_pb2.AttachedDataset]
    def __init__(self, datasets: _Optional[_Iterable[_Union[_runner_pb2.AttachedDataset, _Mapping]]] = ...) -> None: ...

class CheckRequest(_message.Message):
    __slots__ = ("dataset", "max_files")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    MAX_FILES_FIELD_NUMBER: _ClassVar[int]
    dataset: _dataset_pb2.Dataset
    max_files: int
    def __init__(self, dataset: _Optional[_Union[_dataset_pb2.Dataset, _Mapping]] = ..., max_files: _Optional[int] = ...) -> None: ...

class CheckResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _dataset_pb2.CheckDatasetResponse
    def __init__(self, result: _Optional[_Union[_dataset_pb2.CheckDatasetResponse, _Mapping]] = ...) -> None: ...
