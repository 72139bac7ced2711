"""How a GradError travels to grad, so that every gRPC tool can read it: the Python side of shared/wire_error.ts.

A failed call has a status and a trailer with a `google.rpc.Status` that holds the sentence and one `google.rpc.ErrorInfo`:
`reason` is our code in UPPER_SNAKE_CASE, `domain` is "grad", and `metadata["hint"]` is the next step, if there is one.
"""

import grpc

from grad_runner.common.errors import STATUS, GradError, is_error_code
from grad_runner.gen.google.rpc.error_details_pb2 import ErrorInfo
from grad_runner.gen.google.rpc.status_pb2 import Status
from grad_runner.gen.shared.limits import MAX_ERROR_TEXT_BYTES
from grad_runner.gen.shared.wire import ERROR_DOMAIN, HINT, STATUS_DETAILS

__all__ = ["STATUS_DETAILS", "decode_error", "encode_error"]


def encode_error(error: GradError) -> tuple[grpc.StatusCode, str, bytes]:
    """What a failed call answers with: its status, its sentence (cut to what fits) and its trailer STATUS_DETAILS."""
    code = grpc.StatusCode[STATUS[error.code]]
    message = _bounded(error.message)
    metadata = {HINT: _bounded(error.hint)} if error.hint else {}
    number: int = code.value[0]
    status = Status(code=number, message=message)
    status.details.add().Pack(ErrorInfo(reason=error.code.upper(), domain=ERROR_DOMAIN, metadata=metadata))
    return code, message, status.SerializeToString()


def decode_error(details: bytes) -> GradError | None:
    """The error in a trailer's value; None for one of another product. A code that this version does not know becomes `internal`.
    Raises DecodeError for what is no `google.rpc.Status`."""
    status = Status.FromString(details)
    for detail in status.details:
        info = ErrorInfo()
        if detail.Unpack(info) and info.domain == ERROR_DOMAIN:
            code = info.reason.lower()
            known = code if is_error_code(code) else "internal"
            return GradError(known, status.message, info.metadata.get(HINT, ""))
    return None


def _bounded(text: str) -> str:
    """The text, cut between two characters if it is too long. A lone surrogate, which UTF-8 does not have, becomes "?"."""
    data = text.encode("utf-8", "replace")
    if len(data) <= MAX_ERROR_TEXT_BYTES:
        return data.decode()
    return data[: MAX_ERROR_TEXT_BYTES - len("…".encode())].decode(errors="ignore") + "…"
