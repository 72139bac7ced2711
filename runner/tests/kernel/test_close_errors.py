"""Errors of a file that Python closes itself, reported by the file system only when it is closed."""

from .component import KernelClient

# Closing this descriptor fails with EBADF: no file system that refuses at close is needed.
DROPPED = "import os\nf = open('kept.txt', 'w'); f.write('x'); os.close(f.fileno()); del f"


def test_the_error_of_a_file_that_python_closes_itself_is_reported(kernel: KernelClient) -> None:
    cell = kernel.run(DROPPED)
    assert cell.reply["status"] == "ok"
    reported = kernel.output("stderr")
    assert "Exception ignored in: <_io.TextIOWrapper name='kept.txt'" in reported
    assert "OSError: [Errno 9] Bad file descriptor" in reported


def test_no_other_part_of_development_mode_is_on(kernel: KernelClient) -> None:
    code = "import asyncio, sys\nsys.flags.dev_mode, asyncio.new_event_loop().get_debug(), sys.warnoptions"
    assert kernel.run(code).text == "(False, False, [])"
