"""Serves a component's gRPC service on a unix socket, or by TLS to grad alone. Only here do failures become gRPC statuses."""

import asyncio
import os
import signal
import socket
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import grpc.aio
from grpc_health.v1.health import aio as grpc_health_aio
from grpc_health.v1.health_pb2 import HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server

from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.common.tls import OnlyGrad, add_tls_port
from grad_runner.common.wire_error import STATUS_DETAILS, encode_error
from grad_runner.gen.shared.limits import MAX_COMPONENT_REQUEST_BYTES, MAX_COMPONENT_RESPONSE_BYTES

Context = grpc.aio.ServicerContext[Any, Any]
Service = TypeVar("Service")
Request = TypeVar("Request")
Response = TypeVar("Response")

_OPTIONS: Final = [
    ("grpc.max_receive_message_length", MAX_COMPONENT_REQUEST_BYTES),
    ("grpc.max_send_message_length", MAX_COMPONENT_RESPONSE_BYTES),
    # Finds clients that are gone, whose calls would hold memory.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.so_reuseport", 0),
]


def rpc_method(
    handler: Callable[[Service, Request], Awaitable[Response]],
) -> Callable[[Service, Request, Context], Awaitable[Response]]:
    """Decorator: makes a gRPC method of a coroutine that takes the request and may raise GradError. Clients get `internal` for
    any other exception, whose text goes to the log only."""

    async def method(service: Service, request: Request, context: Context) -> Response:
        try:
            return await handler(service, request)
        except GradError as error:
            known = error
        except Exception as error:  # noqa: BLE001 - texts of unexpected exceptions must not reach a client
            log(
                "error",
                "rpc.failed",
                method=handler.__name__,
                error=repr(error)[:500],
                traceback=traceback.format_exc()[-4000:],
            )
            known = GradError("internal", "Internal error")
        status, message, details = encode_error(known)
        await context.abort(status, message, ((STATUS_DETAILS, details),))
        raise AssertionError("abort raises")

    method.__name__ = handler.__name__
    method.__doc__ = handler.__doc__
    return method


class Server:
    """A started gRPC server with grpc.health.v1: NOT_SERVING until `set_serving`, and from `stop` on."""

    def __init__(
        self, server: grpc.aio.Server, health: grpc_health_aio.HealthServicer, services: Sequence[str]
    ) -> None:
        self._server = server
        self._health = health
        self._services = services

    async def set_serving(self) -> None:
        """The component can do its work from now on."""
        await _set_all(self._health, self._services, HealthCheckResponse.SERVING)

    async def stop(self, grace_seconds: float) -> None:
        """Refuses new calls at once; gives those under way so many seconds. Whoever watches the health sees it first."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_seconds)


async def _set_all(health: grpc_health_aio.HealthServicer, services: Sequence[str], status: int) -> None:
    for name in ("", *services):  # "": the server as a whole
        await health.set(name, status)


async def serve(
    listen: str,
    services: Sequence[str],
    register: Callable[[grpc.aio.Server], None],
    tls_folder: Path | None = None,
) -> Server:
    """Starts a server on `listen`: "unix:/path", where a socket file that no process serves is removed first, or
    "tls:address:port" with the certificates in `tls_folder`.

    `services` are the full names that health knows. Raises GradError.
    """
    is_tls = listen.startswith("tls:")
    server = grpc.aio.server(options=_OPTIONS, interceptors=[OnlyGrad()] if is_tls else [])
    register(server)
    health = grpc_health_aio.HealthServicer()
    await _set_all(health, services, HealthCheckResponse.NOT_SERVING)
    add_HealthServicer_to_server(health, server)
    if is_tls:
        add_tls_port(server, listen.removeprefix("tls:"), tls_folder)
        await server.start()
        return Server(server, health, services)
    path = unix_path(listen)
    remove_stale_socket(path)
    old = os.umask(0o177)  # only its owner may connect to the socket
    try:
        server.add_insecure_port(listen)
        await server.start()
    finally:
        os.umask(old)
    return Server(server, health, services)


def unix_path(listen: str) -> Path:
    """The path of a "unix:/path". Raises GradError `invalid_argument`."""
    if not listen.startswith("unix:/"):
        raise GradError(
            "invalid_argument",
            f'Cannot listen on "{listen}": only unix:/path and tls:address:port are allowed',
        )
    return Path(listen.removeprefix("unix:"))


def remove_stale_socket(path: Path) -> None:
    """Removes a socket file that no process serves. Raises GradError `internal` when one does."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise GradError("internal", f'Cannot listen on "{path}": another process serves it')


def stop_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set. For the main thread, in a running loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
