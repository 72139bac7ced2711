"""What tracebacks call a cell: the file that it came from, as its user knows it, or else IPython's number of the cell."""

from typing import Any

from ipykernel.compiler import XCachingCompiler


class NamingCompiler(XCachingCompiler):
    """Set `file` before a cell runs: its path, or "" for a cell that came from no file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.file = ""
        self._files: set[str] = set()

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        if not self.file:
            return str(super().get_code_name(raw_code, code, number))  # type: ignore[no-untyped-call]
        self._files.add(self.file)
        return self.file

    def format_code_name(self, name: str) -> tuple[str, str] | None:
        """None for a file: IPython then writes `File f.py:3`."""
        return None if name in self._files else super().format_code_name(name)

    def is_cell(self, file: str) -> bool:
        """Whether code objects of this file name are cells."""
        return file in self._filename_map
