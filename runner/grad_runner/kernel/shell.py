"""IPython's shell as a kernel of ours has it: no colours, no pager, no terminal, nobody who could answer questions."""

import os
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type

from grad_runner.kernel.duckdb_connections import DuckDBConnections
from grad_runner.kernel.duckdb_settings import leave_aborted_transaction


class PlainShell(ZMQInteractiveShell):
    """Output goes to files and is read by programs as often as by people."""

    # With the parent's pty version the output of `!ls` would come late, and coloured.
    system = InteractiveShell.system_raw

    def init_events(self) -> None:
        super().init_events()  # type: ignore[no-untyped-call]
        self.events.register("post_run_cell", self._after_cell)

    def _after_cell(self, result: Any) -> None:
        raised = result.error_before_exec or result.error_in_exec
        if raised is not None:
            leave_aborted_transaction(raised, self.user_ns)

    def init_environment(self) -> None:
        """Child processes use no colour either; ipykernel would force it."""
        os.environ.update(TERM="dumb", NO_COLOR="1", PAGER="cat", GIT_PAGER="cat")

    def payloadpage_page(
        self, strg: Any, start: int = 0, screen_lines: int = 0, pager_cmd: Any = None
    ) -> None:
        """Prints what would be paged, e.g. the answer to `name?`."""
        print(  # noqa: T201
            strg.get("text/plain", "") if isinstance(strg, dict) else strg
        )


class ForkedKernel(IPythonKernel):
    """ipykernel's kernel, plus what a request on the control channel may ask of it here."""

    shell_class = Type(PlainShell)
    # The sleep hides races of ipykernel's own streams, which we do not use.
    _execute_sleep = 0.0
    duckdb = DuckDBConnections()

    control_msg_types = [  # noqa: RUF012  # as ipykernel declares it
        *IPythonKernel.control_msg_types,
        "grad_interrupt_request",
    ]

    async def grad_interrupt_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Interrupts DuckDB's queries, which can be deaf to SIGINT; answers from the control thread."""
        told = self.duckdb.interrupt()
        content = {"status": "ok", "interrupted": told}
        assert self.session is not None
        self.session.send(stream, "grad_interrupt_reply", content, parent, ident=ident)

    def raw_input(self, prompt: str = "") -> str:
        raise StdinNotImplementedError(_NOBODY_ANSWERS.format("input"))

    def getpass(self, prompt: str = "", stream: Any = None, *, echo_char: str | None = None) -> str:
        raise StdinNotImplementedError(_NOBODY_ANSWERS.format("getpass"))


_NOBODY_ANSWERS = (
    "{}() cannot be answered here: code runs without a terminal. Pass values as parameters instead."
)
