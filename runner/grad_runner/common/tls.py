"""Mutual TLS: a component in a pod, whose port user code and other pods can reach, answers grad alone."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import grpc
import grpc.aio

from grad_runner.common.errors import GradError

CLIENT_NAME: Final = b"grad.internal"
"""The name in grad's client certificate. The same authority signs the certificates of runners, which have other names."""

_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"


def add_tls_port(server: grpc.aio.Server, address: str, folder: Path | None) -> None:
    """Adds a port that accepts only clients with a certificate of our authority. `folder` has tls.crt, tls.key and ca.crt, which
    are read again for each connection, so that renewed ones take effect. Raises GradError."""
    if folder is None:
        raise GradError("invalid_argument", "Cannot listen with TLS: --tls-dir is missing")
    try:
        credentials = grpc.dynamic_ssl_server_credentials(
            _configuration(folder), lambda: _configuration(folder), require_client_authentication=True
        )
        server.add_secure_port(address, credentials)
    except (OSError, RuntimeError) as error:
        raise GradError("invalid_argument", f"Cannot listen on {address} with TLS: {error}") from error


def _configuration(folder: Path) -> grpc.ServerCertificateConfiguration:
    pair = ((folder / "tls.key").read_bytes(), (folder / "tls.crt").read_bytes())
    return grpc.ssl_server_certificate_configuration([pair], (folder / "ca.crt").read_bytes())


class OnlyGrad(grpc.aio.ServerInterceptor):
    """Refuses every call of a client whose certificate is not grad's. A method that streams is not served."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[_Handler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> _Handler:
        handler = await continuation(handler_call_details)
        method = handler.unary_unary if handler is not None else None
        if handler is None or method is None:
            return None

        async def guarded(request: Any, context: Any) -> Any:
            if CLIENT_NAME not in context.auth_context().get("x509_subject_alternative_name", []):
                await context.abort(grpc.StatusCode.UNAUTHENTICATED, "Only grad may call a component")
            return await method(request, context)

        return grpc.unary_unary_rpc_method_handler(
            guarded, handler.request_deserializer, handler.response_serializer
        )
