"""The output of code in a forked kernel, and its order."""

import base64
import json
import os
import signal
from pathlib import Path

from .component import Component, KernelClient, SupervisorClient, read_spool, wait_until

C_PRINTS = "import ctypes; c = ctypes.CDLL(None); c.printf(b'from C\\n')"


def test_a_result_is_an_execute_result(kernel: KernelClient) -> None:
    cell = kernel.run("1+1")
    assert cell.text == "2"
    assert cell.content("execute_result")["execution_count"] == 1
    assert cell.reply["status"] == "ok"


def test_print_shell_and_c_output_keep_their_order(kernel: KernelClient) -> None:
    code = f"import os, sys\nprint('one')\nos.system('echo two')\n{C_PRINTS}\nprint('three')\nsys.stdout.buffer.write(b'four\\n')"
    for _ in range(5):
        assert kernel.run(code + ";").stdout == "one\ntwo\nfrom C\nthree\nfour\n"


def test_c_output_without_a_line_end_comes_at_the_end_of_the_cell(kernel: KernelClient) -> None:
    assert kernel.run("import ctypes; ctypes.CDLL(None).printf(b'no end');").stdout == "no end"


def test_the_spool_orders_text_and_results(kernel: KernelClient) -> None:
    kernel.run("from IPython.display import display\nprint('before')\ndisplay(1)\nprint('behind')\n2")
    records = [(json.loads(r.frames[0])["msg_type"], r.stdout_offset) for r in read_spool(kernel.folder)]
    assert [r for r in records if r[0] in ("display_data", "execute_result")] == [
        ("display_data", len("before\n")),
        ("execute_result", len("before\nbehind\n")),
    ]
    assert [record.seq for record in read_spool(kernel.folder)] == list(range(1, len(records) + 1))
    assert "stream" not in [kind for kind, _ in records]


def test_a_killed_kernel_has_written_all_of_its_output(
    component: Component, client: SupervisorClient
) -> None:
    kernel = component.kernel(client)
    kernel.send("import os\nfor i in range(300): print(i); display(i)\nprint('end'); os.kill(os.getpid(), 9)")
    exited = client.wait_for("exited", kernel=kernel.name)
    assert exited["exit"] == {
        "code": None,
        "signal": "KILL",
        "outOfMemory": False,
        "tooManyTasks": False,
        "evicted": False,
    }
    assert kernel.output("stdout") == "".join(f"{i}\n" for i in range(300)) + "end\n"
    shown = [r for r in read_spool(kernel.folder) if json.loads(r.frames[0])["msg_type"] == "display_data"]
    assert [json.loads(r.frames[3])["data"]["text/plain"] for r in shown] == [str(i) for i in range(300)]
    client.ask("remove", kernel=kernel.name)


def test_an_exception_has_a_plain_traceback(kernel: KernelClient) -> None:
    error = kernel.run("def f():\n    return 1/0\nf()").content("error")
    assert (error["ename"], error["evalue"]) == ("ZeroDivisionError", "division by zero")
    trace = "\n".join(error["traceback"])
    assert "\x1b" not in trace
    assert "----> 2     return 1/0" in trace


def test_a_syntax_error_names_line_and_code(kernel: KernelClient) -> None:
    error = kernel.run("x = 1\nfor for").content("error")
    assert error["ename"] == "SyntaxError"
    assert "line 2" in error["evalue"]
    assert "\x1b" not in "".join(error["traceback"])


def test_a_figure_is_shown_as_png(kernel: KernelClient) -> None:
    cell = kernel.run("import matplotlib.pyplot as plt\nplt.plot([1, 4, 9]);")
    data = cell.content("display_data")["data"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert set(data) == {"image/png", "text/plain"}


def test_the_namespace_is_clean(kernel: KernelClient) -> None:
    assert kernel.run("%who").stdout == "Interactive namespace is empty.\n"
    assert kernel.run("_").text == "''"
    assert kernel.run("import sys; hasattr(sys, 'last_value')").text == "False"


def test_the_last_result_is_underscore(kernel: KernelClient) -> None:
    kernel.run("6 * 7")
    assert kernel.run("_ + 1").text == "43"


def test_the_workspace_is_the_working_directory_and_shadows_no_library(
    component: Component, client: SupervisorClient
) -> None:
    (component.workspace / "mine.py").write_text("answer = 42")
    kernel = component.kernel(client)
    assert kernel.run("import os; os.getcwd()").text == repr(str(component.workspace))
    assert kernel.run("import mine; mine.answer").text == "42"
    client.ask("remove", kernel=kernel.name)


def test_children_print_in_order_and_without_colour(kernel: KernelClient) -> None:
    cell = kernel.run("print('a')\n!echo $TERM $NO_COLOR $FORCE_COLOR\nprint('b')")
    assert cell.stdout == "a\ndumb 1\nb\n"


def test_an_interrupt_just_before_the_code_begins_is_answered(kernel: KernelClient) -> None:
    """ipykernel installs its handler before its own preparations, so that the interrupt can come in the middle of them."""
    kernel.run(
        "kernel = get_ipython().kernel\noriginal = kernel.do_execute\n"
        "async def interrupted(*arguments, **options):\n"
        "    kernel.do_execute = original\n    raise KeyboardInterrupt\n"
        "kernel.do_execute = interrupted; kept = 1"
    )
    assert kernel.run("print('never')").reply["status"] == "aborted"
    assert kernel.run("kept").text == "1"


def test_input_fails_with_a_reason(kernel: KernelClient) -> None:
    error = kernel.run("input('name? ')").content("error")
    assert error["ename"] == "StdinNotImplementedError"
    assert "parameters" in error["evalue"]


def test_help_is_printed(kernel: KernelClient) -> None:
    cell = kernel.run("len?")
    assert "number of items" in cell.stdout
    assert "\x1b" not in cell.stdout


def test_text_that_utf8_cannot_encode_is_written_as_escapes(kernel: KernelClient) -> None:
    assert kernel.run(r"print('\udcff \u00fc')").stdout == "\\udcff ü\n"


def test_output_of_forked_workers_arrives(kernel: KernelClient) -> None:
    code = "import multiprocessing as mp\nwith mp.get_context('fork').Pool(2) as pool: r = pool.map(print, 'xy', 1)\nr"
    cell = kernel.run(code)
    assert cell.text == "[None, None]"
    assert sorted(cell.stdout) == ["\n", "\n", "x", "y"]


def test_an_endless_loop_is_interrupted(kernel: KernelClient, client: SupervisorClient) -> None:
    request = kernel.send("print('on'); x = 7\nwhile True: pass")
    kernel.wait_for_output("on")
    assert client.ask("signal", kernel=kernel.name, signal="INT")["ok"]
    assert kernel.collect(request).content("error")["ename"] == "KeyboardInterrupt"
    assert kernel.run("x").text == "7"


def test_a_program_that_a_cell_waits_for_is_interrupted(
    kernel: KernelClient, client: SupervisorClient, component: Component
) -> None:
    request = kernel.send("!touch program-runs; sleep 60")
    wait_until((component.workspace / "program-runs").exists, 60)
    client.ask("signal", kernel=kernel.name, signal="INT")
    kernel.collect(request)
    assert kernel.run("1").text == "1"


LONG_QUERY = "select sum(a.range * b.range) from range(10000000) a, range(1000000) b"


def begin_long_query(kernel: KernelClient, connect: str) -> str:
    """Returns the request once DuckDB works at it: what comes before takes some hundredths of a second of CPU time."""
    pid = int(kernel.run("import duckdb, os; os.getpid()").text)
    before = cpu_seconds(pid)
    request = kernel.send(f"{connect}.sql({LONG_QUERY!r}).fetchall()")
    wait_until(lambda: cpu_seconds(pid) > before + 0.5, 60)
    return request


def cpu_seconds(pid: int) -> float:
    """What all threads of the process have used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_long_duckdb_query_is_interrupted_by_signal(kernel: KernelClient, client: SupervisorClient) -> None:
    request = begin_long_query(kernel, "duckdb")
    client.ask("signal", kernel=kernel.name, signal="INT")
    assert kernel.collect(request).content("error")["ename"] in (
        "KeyboardInterrupt",
        "RuntimeError",
        "InterruptException",
    )


def test_duckdb_is_interrupted_from_the_control_channel(kernel: KernelClient) -> None:
    for connect in ("duckdb", "duckdb.connect()", "duckdb.connect().cursor()"):
        request = begin_long_query(kernel, connect)
        reply = kernel.control("grad_interrupt_request")
        assert reply["status"] == "ok" and reply["interrupted"] >= 1
        assert kernel.collect(request).content("error")["ename"] == "InterruptException"


def test_kernels_have_different_ids_and_random_numbers(
    component: Component, client: SupervisorClient
) -> None:
    code = "import random, numpy, uuid; (random.random(), numpy.random.random(), numpy.random.default_rng().random())"
    kernels = [component.kernel(client) for _ in range(2)]
    values = [eval(kernel.run(code).text) for kernel in kernels]
    assert all(a != b for a, b in zip(*values, strict=True))
    assert kernels[0].run("y = 1").reply["status"] == "ok"
    assert kernels[1].run("y").content("error")["ename"] == "NameError"
    for kernel in kernels:
        client.ask("remove", kernel=kernel.name)


def test_exit_ends_the_kernel_with_0_and_runs_atexit(component: Component, client: SupervisorClient) -> None:
    kernel = component.kernel(client)
    kernel.send("import atexit; atexit.register(print, 'bye')\nexit()")
    assert client.wait_for("exited", kernel=kernel.name)["exit"]["code"] == 0
    assert kernel.output("stdout") == "bye\n"
    client.ask("remove", kernel=kernel.name)


def test_a_crash_in_c_code_writes_a_traceback(component: Component, client: SupervisorClient) -> None:
    kernel = component.kernel(client)
    kernel.send("import ctypes\ndef f(): ctypes.string_at(0)\nf()")
    assert client.wait_for("exited", kernel=kernel.name)["exit"]["signal"] == "SEGV"
    assert "Segmentation fault" in kernel.output("stderr") and " in f\n" in kernel.output("stderr")
    assert list(component.workspace.glob("core*")) == []
    client.ask("remove", kernel=kernel.name)


def test_user_code_sees_clean_arguments_and_standard_descriptors(kernel: KernelClient) -> None:
    code = "import os, sys, stat\n[os.fstat(int(f)) for f in os.listdir('/proc/self/fd')[:3]]; sys.argv"
    assert kernel.run(code).text == "['']"


def test_a_result_larger_than_a_message_is_replaced_by_a_note(kernel: KernelClient) -> None:
    cell = kernel.run("class R:\n def _repr_html_(self): return 'x' * 70_000_000\nR()")
    assert "bytes omitted" in cell.text
    assert kernel.run("1").text == "1"


def test_silent_cells_see_the_namespace(kernel: KernelClient) -> None:
    kernel.run("globals().update({'p': 5})", silent=True)
    cell = kernel.run("p")
    assert (cell.text, cell.content("execute_input")["execution_count"]) == ("5", 1)


def test_everything_that_a_kernel_started_ends_with_it(
    component: Component, client: SupervisorClient
) -> None:
    kernel = component.kernel(client)
    cell = kernel.run("import os; os.system(\"setsid -f sh -c 'echo $$; exec sleep 300'\"); os.getpid()")
    wait_until(lambda: kernel.output("stdout"), 60)
    os.kill(int(cell.text), signal.SIGKILL)
    client.wait_for("exited", kernel=kernel.name)
    wait_until(lambda: not os.path.exists(f"/proc/{kernel.output('stdout').strip()}"), 60)
    client.ask("remove", kernel=kernel.name)


def test_an_exception_with_a_lone_surrogate_keeps_its_name_and_traceback(kernel: KernelClient) -> None:
    error = kernel.run("raise ValueError('\\ud800 and \\udc80')").content("error")
    assert error["ename"] == "ValueError"
    assert "and" in error["evalue"]
    assert error["traceback"]
    assert kernel.run("'\\ud83d'").text == "'\\ud83d'"
    assert kernel.run("print(1)").stdout == "1\n"
