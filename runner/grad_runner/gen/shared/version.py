# Written by tools/generate.ts. DO NOT EDIT.
"""The version of deno.json."""

from typing import Final

VERSION: Final = "0.1.0"
