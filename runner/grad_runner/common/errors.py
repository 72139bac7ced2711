"""The failures that components report to grad, with the codes of shared/error_codes.ts. wire_error.py has their wire format."""

from typing import Final

STATUS: Final[dict[str, str]] = {
    "invalid_argument": "INVALID_ARGUMENT",
    "invalid_name": "INVALID_ARGUMENT",
    "invalid_code": "INVALID_ARGUMENT",
    "path_not_allowed": "INVALID_ARGUMENT",
    "dataset_invalid": "INVALID_ARGUMENT",
    "session_not_found": "NOT_FOUND",
    "execution_not_found": "NOT_FOUND",
    "kernel_not_found": "NOT_FOUND",
    "file_not_found": "NOT_FOUND",
    "dataset_not_found": "NOT_FOUND",
    "idempotency_conflict": "ALREADY_EXISTS",
    "kernel_conflict": "FAILED_PRECONDITION",
    "file_changed": "FAILED_PRECONDITION",
    "upload_offset": "FAILED_PRECONDITION",
    "dataset_unreachable": "FAILED_PRECONDITION",
    "dataset_credentials_invalid": "FAILED_PRECONDITION",
    "dataset_credentials_expired": "FAILED_PRECONDITION",
    "dataset_access_denied": "FAILED_PRECONDITION",
    "dataset_bucket_not_found": "FAILED_PRECONDITION",
    "dataset_prefix_not_found": "FAILED_PRECONDITION",
    "dataset_mount_failed": "FAILED_PRECONDITION",
    "datasets_changed": "FAILED_PRECONDITION",
    "dataset_type_unsupported": "FAILED_PRECONDITION",
    "checksum_mismatch": "DATA_LOSS",
    "storage_full": "RESOURCE_EXHAUSTED",
    "queue_full": "RESOURCE_EXHAUSTED",
    "quota_exhausted": "RESOURCE_EXHAUSTED",
    "runner_unavailable": "UNAVAILABLE",
    "cancelled": "CANCELLED",
    "internal": "INTERNAL",
}
"""gRPC status of every code that a component raises; clients get `internal` for a code that is missing here."""


class GradError(Exception):
    """A failure with a code for programs, a sentence for people and, if there is one, the next step."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
