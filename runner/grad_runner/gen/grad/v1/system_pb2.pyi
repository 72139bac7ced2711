from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

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
