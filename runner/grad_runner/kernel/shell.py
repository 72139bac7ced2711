"""IPython's shell without a terminal: no colours, no pager, and no input from the user."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import no_var_expand
from IPython.display import display
from jupyter_client.jsonutil import json_clean
from traitlets import Type

from grad_runner.kernel.code_names import NamingCompiler
from grad_runner.kernel.duckdb_connections import DuckDBConnections
from grad_runner.kernel.duckdb_settings import leave_aborted_transaction
from grad_runner.kernel.media_formatters import register_media
from grad_runner.kernel.notebook_cells import cells_of
from grad_runner.kernel.process_settings import process_settings
from grad_runner.kernel.tables.register import register
from grad_runner.kernel.terminal_width import set_terminal_width
from grad_runner.kernel.user_traceback import UserTraceback, is_below, short

if TYPE_CHECKING:
    from grad_runner.kernel.sql.cell import SqlCells


class PlainShell(ZMQInteractiveShell):
    """A shell whose output goes to files, for programs and people."""

    # The parent class uses a pty, with which the output of `!ls` comes late and with colours.
    system = InteractiveShell.system_raw
    user_folder = ""
    """Where the user's own modules are; set once the kernel is in it."""
    data_folder = Path("data")
    """Where the datasets are; set before user code runs."""
    _sql_cells: "SqlCells | None" = None

    def init_magics(self) -> None:
        super().init_magics()  # type: ignore[no-untyped-call]

        def sql(line: str, cell: str | None = None) -> Any:
            """Runs SQL in DuckDB. Datasets are tables by their names; $name is the value of the variable `name`.

            %%sql          shows the answer
            %%sql result   keeps it as the DataFrame `result`
            """
            if self._sql_cells is None:
                from grad_runner.kernel.sql.cell import SqlCells

                self._sql_cells = SqlCells(self.data_folder, self.user_ns, display)
            return self._sql_cells.run(line, cell)

        magic: Any = sql
        self.register_magic_function(no_var_expand(magic), "line_cell", "sql")

    def init_events(self) -> None:
        super().init_events()  # type: ignore[no-untyped-call]
        self.events.register("post_run_cell", self._after_cell)

    def init_display_formatter(self) -> None:
        super().init_display_formatter()  # type: ignore[no-untyped-call]
        register(self.display_formatter)
        register_media(self.display_formatter)

    def init_traceback_handlers(self, custom_exceptions: Any) -> None:
        super().init_traceback_handlers(custom_exceptions)
        self.InteractiveTB = UserTraceback(
            self._is_user_file, mode=self.xmode, theme_name=self.colors, tb_offset=1
        )

    def _is_user_file(self, file: str) -> bool:
        compiler: Any = self.compile
        return compiler.is_cell(file) or file == "<string>" or is_below(self.user_folder, file)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        """As ipykernel does, with a second form of the traceback where the first one leaves frames out."""
        brief = short(stb)
        content = {"traceback": brief, "ename": str(etype.__name__), "evalue": str(evalue)}
        if brief != stb:
            content["full_traceback"] = list(map(str, stb))
        hook: Any = self.displayhook
        if getattr(hook, "msg", None) is not None:
            self._last_traceback_during_displayhook = True  # the error of a formatter fails the cell
        topic = hook.topic.replace(b"execute_result", b"error") if hook.topic else None
        hook.session.send(hook.pub_socket, "error", json_clean(content), hook.parent_header, ident=topic)
        self._last_traceback = stb

    def _after_cell(self, result: Any) -> None:
        raised = result.error_before_exec or result.error_in_exec
        if raised is not None:
            leave_aborted_transaction(raised, self.user_ns)

    def init_environment(self) -> None:
        """Turns colours off for child processes, too; ipykernel would turn them on."""
        os.environ.update(TERM="dumb", NO_COLOR="1", PAGER="cat", GIT_PAGER="cat")

    def ask_exit(self) -> None:
        """As ipykernel does for `exit()`. It would take the 3 of `exit(3)` for the wish to keep the kernel."""
        if self.keepkernel_on_exit is not True:
            self.keepkernel_on_exit = None
        super().ask_exit()  # type: ignore[no-untyped-call]

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
    compiler_class = Type(NamingCompiler)
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
            asked = parent["content"].get("grad") or {}
            assert self.shell is not None
            self.shell.compile.file = asked.get("code_name", "")
            set_terminal_width(asked.get("columns", 0))
            with self._process_settings(parent["content"]):
                await super().execute_request(stream, ident, parent)  # type: ignore[no-untyped-call]
        except KeyboardInterrupt:
            assert self.session is not None
            self.session.send(stream, "execute_reply", {"status": "aborted"}, parent, ident=ident)

    async def do_execute(self, code: str, *args: Any, **kwargs: Any) -> Any:
        """As ipykernel does, cell after cell until one fails. What a cell has closed or redirected is as before for ipykernel's
        own work, and in the next cell."""
        reply: dict[str, Any] = {"status": "ok"}
        assert self.shell is not None
        file = self.shell.compile.file
        for cell in cells_of(code):
            self.restore_output()
            self.shell.compile.file = f"{file} cell {cell.number}" if file and cell.number else file
            try:
                reply = await super().do_execute(cell.source, *args, **kwargs)  # type: ignore[no-untyped-call]
            finally:
                self.restore_output()
            if reply["status"] != "ok" or self.shell.exit_now:
                break
        # The kernel ends a moment later: the agent gives it no more code.
        return {**shorten_reply(reply), "exits": bool(self.shell.exit_now)}

    @contextmanager
    def _process_settings(self, content: dict[str, Any]) -> Iterator[None]:
        """Applies what the request asks for. For a directory that cannot be entered, the code is replaced by what says so."""
        settings = content.get("grad") or {}
        asked = settings.get("directory", "")
        assert self.shell is not None
        directory = os.path.join(self.shell.user_folder, asked) if asked else ""
        with ExitStack() as applied:
            try:
                applied.enter_context(process_settings(settings.get("variables", {}), directory))
            except OSError:
                content["code"] = f"import os\nos.chdir({directory!r})"
            yield

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
