from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HandshakeRequest(_message.Message):
    __slots__ = ("client_version", "api")
    CLIENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    API_FIELD_NUMBER: _ClassVar[int]
    client_version: str
    api: int
    def __init__(self, client_version: _Optional[str] = ..., api: _Optional[int] = ...) -> None: ...

class HandshakeResponse(_message.Message):
    __slots__ = ("server_version", "api", "backend", "owner", "environments", "instance")
    SERVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    API_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENTS_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_FIELD_NUMBER: _ClassVar[int]
    server_version: str
    api: int
    backend: str
    owner: str
    environments: _containers.RepeatedScalarFieldContainer[str]
    instance: str
    def __init__(self, server_version: _Optional[str] = ..., api: _Optional[int] = ..., backend: _Optional[str] = ..., owner: _Optional[str] = ..., environments: _Optional[_Iterable[str]] = ..., instance: _Optional[str] = ...) -> None: ...

class DiagnoseRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DiagnoseResponse(_message.Message):
    __slots__ = ("checks",)
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    checks: _containers.RepeatedCompositeFieldContainer[DiagnosticCheck]
    def __init__(self, checks: _Optional[_Iterable[_Union[DiagnosticCheck, _Mapping]]] = ...) -> None: ...

class DiagnosticCheck(_message.Message):
    __slots__ = ("id", "title", "state", "message", "hint")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[DiagnosticCheck.State]
        STATE_OK: _ClassVar[DiagnosticCheck.State]
        STATE_WARNING: _ClassVar[DiagnosticCheck.State]
        STATE_FAILED: _ClassVar[DiagnosticCheck.State]
    STATE_UNSPECIFIED: DiagnosticCheck.State
    STATE_OK: DiagnosticCheck.State
    STATE_WARNING: DiagnosticCheck.State
    STATE_FAILED: DiagnosticCheck.State
    ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    id: str
    title: str
    state: DiagnosticCheck.State
    message: str
    hint: str
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., state: _Optional[_Union[DiagnosticCheck.State, str]] = ..., message: _Optional[str] = ..., hint: _Optional[str] = ...) -> None: ...
