# Written by tools/generate.ts. DO NOT EDIT.
"""The constants of shared/limits.ts. Patterns are for `fullmatch`."""

import re
from typing import Final

NAME: Final = re.compile(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?")
"""Names of runners, sessions and datasets."""

KERNEL_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
"""Names of Jupyter kernelspecs."""

PARAM_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
"""Names of parameters, which become variables."""

IDEMPOTENCY_KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
"""Keys that clients make, so that a repeated call runs its code once."""

MAX_CODE_NAME_CHARS: Final = 1_000
"""Longest name for code in tracebacks, in characters: the path of its file."""

MAX_COLUMNS: Final = 1_000
"""Widest terminal that code is told of, in columns."""

MAX_SOCKET_PATH_BYTES: Final = 107
"""Longest path of a unix socket, in bytes: sun_path has 108 with the final NUL."""

MAX_CODE_BYTES: Final = 4_194_304
"""Code of one execution, in bytes of UTF-8."""

MAX_PARAMS_BYTES: Final = 1_048_576
"""All parameters of one execution as JSON, in bytes of UTF-8."""

MAX_VARIABLES_BYTES: Final = 262_144
"""Names and values of the environment variables of one execution, in bytes of UTF-8."""

MAX_DIRECTORY_BYTES: Final = 4_000
"""Working directory of an execution, in bytes of UTF-8."""

MAX_WAIT_MS: Final = 30_000
"""How long a call may wait for events or for an agent that starts."""

DEFAULT_BATCH_BYTES: Final = 1_048_576
"""Events of one answer, in bytes, when the caller names no bound."""

MAX_BATCH_BYTES: Final = 4_194_304
"""Events of one answer, in bytes; one event may be larger and then comes alone."""

DEFAULT_LISTED_EXECUTIONS: Final = 50
"""Executions of one list, when the caller names no bound."""

MAX_LISTED_EXECUTIONS: Final = 1_000
"""Executions of one list."""

DEFAULT_FILE_PART_BYTES: Final = 1_048_576
"""Bytes of a file in one answer, when the caller names no bound."""

MAX_FILE_PART_BYTES: Final = 4_194_304
"""Bytes of a file in one answer or in one part of an upload."""

SHOWN_STREAM_BYTES: Final = 262_144
"""Of stdout and of stderr, each, in a document of gractl; where there is more, the runner keeps all of the stream in a file as well."""

MAX_PREFIX_BYTES: Final = 900
"""Longest prefix of a dataset in S3, in bytes of UTF-8: a key has at most 1,024, and some must be left for the part below it."""

DEFAULT_CHECKED_FILES: Final = 100_000
"""Files that a check of a dataset lists, when the caller names no bound."""

MAX_ERROR_TEXT_BYTES: Final = 1_200
"""Longest sentence and hint of an error on the wire, in bytes of UTF-8. All headers together must stay below 8 KiB, C++ gRPC's default: the sentence is in `grpc-message`, too, where a byte that is not ASCII becomes three, and the trailer is sent in base64."""

MAX_GRAD_REQUEST_BYTES: Final = 8_388_608
"""Largest gRPC message from gractl to grad: code or a part of a file, and its envelope."""

MAX_GRAD_RESPONSE_BYTES: Final = 16_777_216
"""Largest gRPC message from grad to gractl."""

MAX_COMPONENT_REQUEST_BYTES: Final = 16_777_216
"""Largest gRPC message from grad to a component."""

MAX_COMPONENT_RESPONSE_BYTES: Final = 67_108_864
"""Largest gRPC message from a component to grad."""
