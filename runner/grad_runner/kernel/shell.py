"""IPython's shell without a terminal: no colours, no pager, and no input from the user."""

import os
from collections.abc import Callable
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type

from grad_runner.kernel.duckdb_connections import DuckDBConnections
from grad_runner.kernel.duckdb_settings import leave_aborted_transaction


class PlainShell(ZMQInteractiveShell):
    """A shell whose output goes to files, for programs and people."""

    # The parent class uses a pty, with which the output of `!ls` comes late and with colours.
    system = InteractiveShell.system_raw

    def init_events(self) -> None:
        super().init_events()  # type: ignore[no-untyped-call]
        self.events.register("post_run_cell", self._after_cell)

    def _after_cell(self, result: Any) -> None:
        raised = result.error_before_exec or result.error_in_exec
        if raised is not None:
            leave_aborted_transaction(raised, self.user_ns)

    def init_environment(self) -> None:
        """Turns colours off for child processes, too; ipykernel would turn them on."""
        os.environ.update(TERM="dumb", NO_COLOR="1", PAGER="cat", GIT_PAGER="cat")

    def payloadpage_page(
        self, strg: Any, start: int = 0, screen_lines: int = 0, pager_cmd: Any = None
    ) -> None:
        """Prints what would be shown in a pager, for example the answer to `name?`."""
        print(  # noqa: T201
            strg.get("text/plain", "") if isinstance(strg, dict) else strg
        )


class ForkedKernel(IPythonKernel):
    """ipykernel's kernel with one more request on its control channel, which interrupts DuckDB."""

    shell_class = Type(PlainShell)
    # ipykernel sleeps because of races in its own output streams, which are not used here.
    _execute_sleep = 0.0
    duckdb = DuckDBConnections()
    restore_output: Callable[[], object] = staticmethod(lambda: None)
    """Set once there are files for the output."""

    control_msg_types = [  # noqa: RUF012  # as ipykernel declares it
        *IPythonKernel.control_msg_types,
        "grad_interrupt_request",
    ]

    async def execute_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """As ipykernel does. An interrupt that comes before the code begins, or when it has just ended, raises in ipykernel's own
        code, which logs it and sends no reply: the execution would not end."""
        try:
            await super().execute_request(stream, ident, parent)  # type: ignore[no-untyped-call]
        except KeyboardInterrupt:
            assert self.session is not None
            self.session.send(stream, "execute_reply", {"status": "aborted"}, parent, ident=ident)

    async def do_execute(self, *args: Any, **kwargs: Any) -> Any:
        """As ipykernel does. What a cell has closed or redirected is as before for ipykernel's own work, and in the next cell."""
        self.restore_output()
        try:
            reply = await super().do_execute(*args, **kwargs)  # type: ignore[no-untyped-call]
            return shorten_reply(reply)
        finally:
            self.restore_output()

    async def grad_interrupt_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Interrupts DuckDB's queries, which may not react to SIGINT. Runs in the control thread."""
        interrupted = self.duckdb.interrupt()
        content = {"status": "ok", "interrupted": interrupted}
        assert self.session is not None
        self.session.send(stream, "grad_interrupt_reply", content, parent, ident=ident)

    def raw_input(self, prompt: str = "") -> str:
        raise StdinNotImplementedError(_NO_INPUT.format("input"))

    def getpass(self, prompt: str = "", stream: Any = None, *, echo_char: str | None = None) -> str:
        raise StdinNotImplementedError(_NO_INPUT.format("getpass"))


def shorten_reply(reply: dict[str, Any]) -> dict[str, Any]:
    """Without what an agent does not read: an exception's text and traceback, which may be of any length, are in the message
    `error`, and it has no pager and no prompt for payloads. It refuses a reply that is too large."""
    if len(str(reply.get("evalue", ""))) > _MAX_REPLY_CHARS:
        reply["evalue"] = reply["evalue"][:_MAX_REPLY_CHARS] + "…"
    if "traceback" in reply:
        reply["traceback"] = []
    return {**reply, "payload": []}


_MAX_REPLY_CHARS = 16_000
_NO_INPUT = "{}() cannot be used: code runs without a terminal. Pass values as parameters instead."
