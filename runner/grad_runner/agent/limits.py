"""Bounds of what the agent accepts, stores and sends; those that grad and gractl keep, too, are in gen/shared/limits.py."""

from dataclasses import dataclass
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

OUTPUT_EVENT_BYTES: Final = 256 * KIB
"""Largest `data` of one stdout or stderr event."""
COALESCE_MS: Final = 20
"""Output that follows output waits this long for more, so that one event holds it all; the first output does not wait."""
TURN_BYTES: Final = 2 * MIB
"""How much output of one kernel is taken before other sessions and readers have their turn."""
PUNCH_BYTES: Final = 64 * MIB
"""Each time so many bytes of a kernel's file have been read, their disk space is given back."""

PART_BYTES: Final = 1 * MIB
"""A larger MIME part is stored as a file only; of a text, an event then has the beginning and the end."""
KEPT_TEXT_BYTES: Final = 64 * KIB
"""A longer text is stored as a file too: gractl shows its beginning and its end."""
BUNDLE_BYTES: Final = 3 * MIB
"""All inline parts of one result: an event must fit into a gRPC message."""
RESULT_BYTES: Final = 64 * MIB
"""All inline parts of one execution; further parts are stored as files only."""
MAX_PARTS: Final = 32
MAX_RESULTS: Final = 1_000
MAX_CLEARS: Final = 100_000
"""Events of one execution that ask to remove what was shown: each frame of an animation is one."""

TRACEBACK_BYTES: Final = 64 * KIB
MESSAGE_CHARS: Final = 16_000

MAX_ARTIFACTS: Final = 1_000
MAX_SCANNED_FILES: Final = 100_000
"""Entries that one search for artifacts reads; files behind them are not found."""
HASHED_BYTES: Final = 64 * MIB
"""Larger artifacts have no sha256."""
HASHED_BYTES_OF_ALL: Final = 1024 * MIB
HASHING_SECONDS: Final = 2.0
"""For all artifacts of one execution, the smallest first; those for which bytes or time are not enough have no sha256."""
MAX_KNOWN_FILES: Final = 1_000
"""Files that a session remembers having reported, so that its next execution does not report them again."""
MAX_PATH_BYTES: Final = 4_000
"""Of a path below /workspace; files with longer ones are not reported as artifacts."""
MAX_HINT_DATASETS: Final = 20

MAX_QUEUED: Final = 1_000
"""Executions that wait in one session."""
MAX_WAITING_CODE_CHARS: Final = 64 * MIB
"""Code and parameters of all executions that wait or run."""
MAX_SESSIONS: Final = 500
MAX_LISTED_MESSAGE_CHARS: Final = 1_000
"""Of the error of an execution in a list, which has no traceback either."""
MAX_MESSAGE_BYTES: Final = 16 * MIB
"""One whole message of a kernel, all of its frames together; as MAX_RECORD_BYTES of the spool. A larger result is left out and
reported. Kernels of ours replace what is larger themselves."""
MAX_REPLY_BYTES: Final = 1 * MIB
"""One whole message on a kernel's shell or control channel. A larger one is an error, and its kernel is killed."""
MAX_MEMORY_BYTES: Final = 1024 * MIB
"""Address space of the agent: some 300 MiB of its own and of its threads' stacks, and a few of the largest messages."""
MAX_JSON_MEMORY_BYTES: Final = 128 * MIB
"""What the values of a message may take in memory, by an estimate: the same as for a larger message holds above it."""

SIGNAL_AGAIN_MS: Final = 100
"""After the first SIGINT, for code that had not begun: kernels ignore signals before."""
INTERRUPT_AGAIN_MS: Final = 1_000
KILL_AFTER_MS: Final = 3_000
"""After the SIGINT of a deadline or of a full storage the kernel is killed. An interrupt never kills it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that the command line can set."""

    stream_bytes: int = 256 * MIB
    """Events of stdout and stderr together, for one execution; the rest goes to a file."""
    max_executions: int = 500
    """Finished executions that are kept; older ones are deleted."""
    max_journal_bytes: int = 2 * KIB * MIB
    """Journals of finished executions together; the oldest are deleted above it."""
    max_idle_ms: int = 12 * 3600 * 1000
    """A session's kernel ends after so long without use; 0 for never."""
