"""grpc.health.v1 in a few lines: its two messages have one field each, so no generated code is needed for them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import grpc
import grpc.aio

_SERVING: Final = b"\x08\x01"
_SERVICE_UNKNOWN: Final = b"\x08\x03"
_STATUS_AFTER_MS: Final = 3_600_000


def health_handler(services: Sequence[str]) -> grpc.GenericRpcHandler:
    """Answers SERVING for the server as a whole ("") and for each of `services`: a component that is up serves."""
    names = {"", *services}

    async def check(request: str, context: grpc.aio.ServicerContext[Any, Any]) -> bytes:
        if request not in names:
            await context.abort(grpc.StatusCode.NOT_FOUND, f'There is no service "{request[:80]}"')
        return _SERVING

    async def watch(request: str, _context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[bytes]:
        yield _SERVING if request in names else _SERVICE_UNKNOWN
        while True:  # the answer never changes; the stream lasts until the client leaves
            await asyncio.sleep(_STATUS_AFTER_MS / 1000)

    return grpc.method_handlers_generic_handler(
        "grpc.health.v1.Health",
        {
            "Check": grpc.unary_unary_rpc_method_handler(check, _service_of, bytes),
            "Watch": grpc.unary_stream_rpc_method_handler(watch, _service_of, bytes),
        },
    )


def _service_of(request: bytes) -> str:
    """Field 1 of HealthCheckRequest; anything else is taken for the empty name."""
    if len(request) < 2 or request[0] != 0x0A or request[1] > 127:
        return ""
    return request[2 : 2 + request[1]].decode("utf-8", "replace")
