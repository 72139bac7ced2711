"""What is told when Python closes a file that nobody closed, and the file system says only then that it has not taken it."""

from .component import KernelClient

# Closing this descriptor fails with EBADF: no file system that refuses at close is needed.
DROPPED = "import os\nf = open('kept.txt', 'w'); f.write('x'); os.close(f.fileno()); del f"


def test_a_file_that_cannot_be_closed_is_told_of_even_when_nobody_closes_it(kernel: KernelClient) -> None:
    cell = kernel.run(DROPPED)
    assert cell.reply["status"] == "ok"
    told = kernel.output("stderr")
    assert "Exception ignored in: <_io.TextIOWrapper name='kept.txt'" in told
    assert "OSError: [Errno 9] Bad file descriptor" in told


def test_nothing_else_of_development_mode_is_on(kernel: KernelClient) -> None:
    code = "import asyncio, sys\nsys.flags.dev_mode, asyncio.new_event_loop().get_debug(), sys.warnoptions"
    assert kernel.run(code).text == "(False, False, [])"
