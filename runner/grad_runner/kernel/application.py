"""An ipykernel that starts in two steps: what can be done before a fork, and what needs threads and sockets after it."""

import asyncio
import atexit
import faulthandler
import json
import os
import random
import signal
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ipykernel.displayhook
import zmq
from ipykernel.control import ControlThread
from ipykernel.heartbeat import Heartbeat
from ipykernel.kernelapp import IPKernelApp
from ipykernel.shellchannel import ShellChannelThread
from IPython.core.application import BaseIPythonApplication
from jupyter_client.jsonutil import json_clean, json_default
from tornado import ioloop
from traitlets import Type
from traitlets.config import Config
from zmq.eventloop.zmqstream import ZMQStream

from grad_runner.kernel import figures
from grad_runner.kernel.iopub import SpoolingIOPubThread
from grad_runner.kernel.outputs import StandardFiles
from grad_runner.kernel.prctl import flush_c_streams
from grad_runner.kernel.shell import ForkedKernel
from grad_runner.kernel.spool import SpoolWriter

INLINE = "module://matplotlib_inline.backend_inline"

CONFIG = Config(
    {
        "HistoryManager": {"enabled": False},  # or it opens a database and starts a thread
        "IPKernelApp": {"log_level": "ERROR", "connection_dir": os.devnull},
        "InteractiveShell": {"colors": "nocolor"},
    }
)


class ForkedApp(IPKernelApp):
    """Call `prepare` once in the launcher, then `attach` and `run` in each kernel that is forked from it."""

    kernel_class = Type(ForkedKernel)
    _standard_files: StandardFiles
    _spool: SpoolWriter
    _main_loop: ioloop.IOLoop

    def prepare(self) -> None:
        """Does everything that needs neither a socket nor a thread; no thread may be running afterwards, because of the fork."""
        BaseIPythonApplication.initialize(self, [])
        self.init_pdb()
        self.session.pack = _pack
        self.displayhook = ipykernel.displayhook.ZMQDisplayHook(self.session, None)
        self.kernel = ForkedKernel.instance(
            parent=self,
            session=self.session,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count
        self.init_path()
        self.init_shell()
        assert self.shell is not None
        # Registered before the inline figures are, so that text which C code has buffered comes before the cell's figures.
        self.shell.events.register("post_execute", flush_c_streams)
        self.init_gui_pylab()
        figures.install(self.shell)
        self.init_extensions()
        self.patch_io()

    def attach(self, folder: Path, key: str, ports: Mapping[str, int]) -> None:
        """Does the rest after the fork, and binds the sockets in `folder`. Descriptors 1 and 2 must be the kernel's files
        already."""
        self.transport, self.ip = "ipc", str(folder / "z")
        self.shell_port, self.iopub_port, self.stdin_port = ports["shell"], ports["iopub"], ports["stdin"]
        self.control_port, self.hb_port = ports["control"], ports["hb"]
        self.connection_file = str(folder / "connection.json")
        # Without this, ids and random numbers would be the same in every kernel.
        session = self.session
        session.key, session.session, session.message_count, session.pid = (
            key.encode(),
            uuid.uuid4().hex,
            0,
            os.getpid(),
        )
        random.seed()
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed()

        asyncio.set_event_loop(asyncio.new_event_loop())
        self._main_loop = ioloop.IOLoop.current()
        self._standard_files = StandardFiles()
        files = self._standard_files
        self._spool = SpoolWriter(folder / "spool", files.stdout, files.stderr)
        self.context = None
        self.init_sockets()
        self.heartbeat = Heartbeat(zmq.Context(), ("ipc", self.ip, self.hb_port))
        self.heartbeat.start()
        self._connect_outputs()
        self._connect_kernel()
        signal.signal(
            signal.SIGINT, signal.SIG_IGN
        )  # between cells; ipykernel installs a handler while one runs
        assert self.shell is not None
        self.shell.user_folder = os.getcwd()
        self.kernel.start()

    def run(self) -> None:
        """Serves requests until the kernel is shut down, then ends the process: never returns."""
        self._main_loop.start()
        try:
            atexit._run_exitfuncs()
        finally:
            flush_c_streams()
            os._exit(0)

    def init_control(self, context: zmq.Context[Any]) -> None:
        """As ipykernel does, but without its debugger, which has a stream, a socket and a polling task."""
        self.control_socket = context.socket(zmq.ROUTER)
        self.control_socket.linger = 1000
        self.control_port = self._bind_socket(self.control_socket, self.control_port)
        self.control_socket.router_handover = 1
        self.control_thread = ControlThread(daemon=True)
        self.shell_channel_thread = ShellChannelThread(context, daemon=True)

    def init_iopub(self, context: zmq.Context[Any]) -> None:
        socket = context.socket(zmq.XPUB)
        socket.linger = 1000
        socket.sndhwm = 0  # no bound: a slow reader must not lose messages
        self.iopub_port = self._bind_socket(socket, self.iopub_port)
        self.iopub_thread = SpoolingIOPubThread(socket, self.session, self._spool)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket

    def _connect_outputs(self) -> None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # for the process's life
        stdout, stderr = self._standard_files.streams
        sys.stdout = sys.__stdout__ = self.kernel._stdout = stdout  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = self.kernel._stderr = stderr  # type: ignore[misc]
        self.kernel.restore_output = self._standard_files.restore
        faulthandler.enable(sys.stderr)  # a crash in C code then writes a traceback
        self.displayhook.pub_socket = self.iopub_socket
        sys.displayhook = self.displayhook

    def _connect_kernel(self) -> None:
        """Sets what IPythonKernel's constructor takes as arguments, which did not exist before the fork."""
        kernel, shell = self.kernel, self.shell
        assert shell is not None
        kernel.ident = str(uuid.uuid4())
        kernel.shell_stream = ZMQStream(self.shell_socket, self.shell_channel_thread.io_loop)
        kernel.control_stream = ZMQStream(self.control_socket, self.control_thread.io_loop)
        self.shell_channel_thread.shell_stream = kernel.shell_stream
        kernel.control_thread, kernel.shell_channel_thread = self.control_thread, self.shell_channel_thread
        kernel.iopub_thread, kernel.iopub_socket = self.iopub_thread, self.iopub_socket
        kernel.stdin_socket = self.stdin_socket
        self.control_thread.start()
        self.shell_channel_thread.start()
        for publisher in (shell.displayhook, shell.display_pub):
            publisher.session, publisher.pub_socket = self.session, self.iopub_socket
        shell.displayhook.topic = kernel._topic("execute_result")


def _pack(value: Any) -> bytes:
    """As jupyter_client's own, but a lone surrogate, which UTF-8 cannot encode, is written as its JSON escape."""
    try:
        text = json.dumps(value, default=json_default, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        text = json.dumps(json_clean(value), default=json_default, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")
