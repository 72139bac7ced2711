# Written by tools/generate.ts. DO NOT EDIT.
"""The constants of shared/wire_error.ts."""

from typing import Final

STATUS_DETAILS: Final = "grpc-status-details-bin"
ERROR_DOMAIN: Final = "grad"
HINT: Final = "hint"
