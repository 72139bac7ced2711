"""Bounds of what the agent keeps and sends, in one place."""

from dataclasses import dataclass
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

MAX_CODE_BYTES: Final = 4 * MIB
MAX_PARAMS_BYTES: Final = 1 * MIB
MAX_WAIT_MS: Final = 30_000
DEFAULT_BATCH_BYTES: Final = 1 * MIB
MAX_BATCH_BYTES: Final = 4 * MIB

OUTPUT_EVENT_BYTES: Final = 256 * KIB
"""Largest `data` of one stdout or stderr event."""
COALESCE_MS: Final = 20
"""Output that follows output waits this long for more; the first of it goes at once."""
TURN_BYTES: Final = 2 * MIB
"""As much output is taken from a kernel before other sessions and readers have their turn."""
PUNCH_BYTES: Final = 64 * MIB
"""A hole is punched into the kernel's files behind each so many bytes that have been taken."""

PART_BYTES: Final = 1 * MIB
"""A MIME part over this is kept as a file only."""
BUNDLE_BYTES: Final = 3 * MIB
"""All inline parts of one result: an event must fit into a gRPC message."""
RESULT_BYTES: Final = 64 * MIB
"""All inline parts of one execution; from then on every part is a file."""
MAX_PARTS: Final = 32
MAX_RESULTS: Final = 1_000

TRACEBACK_BYTES: Final = 64 * KIB
MESSAGE_CHARS: Final = 16_000

MAX_ARTIFACTS: Final = 1_000
MAX_SCANNED_FILES: Final = 100_000
HASHED_BYTES: Final = 64 * MIB

MAX_QUEUED: Final = 1_000
"""Executions that wait in one session."""
MAX_SESSIONS: Final = 500
MAX_MESSAGE_BYTES: Final = 64 * MIB
"""Content of one message of a kernel; a larger one is left out."""

SIGNAL_AGAIN_MS: Final = 100
INTERRUPT_AGAIN_MS: Final = 1_000
KILL_AFTER_MS: Final = 3_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Those that the command line may change."""

    stream_bytes: int = 256 * MIB
    """Of stdout and stderr together, journaled for one execution."""
    kept_executions: int = 500
    kept_journal_bytes: int = 2 * KIB * MIB
