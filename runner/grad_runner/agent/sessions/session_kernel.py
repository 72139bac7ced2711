"""The kernel of one session: at most one at a time, started when it is needed, each with a generation of its own."""

from grad_runner.agent.kernels.component import Address, KernelEnd
from grad_runner.agent.kernels.link import KernelLink
from grad_runner.agent.kernels.output import Positions
from grad_runner.agent.names import kernel_id
from grad_runner.agent.sessions.context import SessionContext
from grad_runner.agent.storage import session_file
from grad_runner.agent.storage.session_file import SessionState
from grad_runner.common.errors import GradError
from grad_runner.common.log import log


class SessionKernel:
    """The coroutines are called by the session's task only."""

    def __init__(self, state: SessionState, context: SessionContext) -> None:
        self._state = state
        self._context = context
        self._end_while_starting: KernelEnd | None = None
        self.link: KernelLink | None = None
        self.starting = False

    @property
    def id(self) -> str:
        return kernel_id(self._state.name, self._state.generation)

    @property
    def has_ended(self) -> bool:
        """It has ended and has not been dropped yet."""
        return self.link is not None and self.link.end is not None

    def on_ended(self, end: KernelEnd) -> None:
        """The kernel component reports its end, or the session is reset."""
        if self.link is not None:
            self.link.on_ended(end)
        elif self.starting:
            self._end_while_starting = end

    async def ensure(self) -> tuple[KernelLink, bool]:
        """The live kernel, and whether it was started just now. Raises GradError."""
        if self.link is not None:
            return self.link, False
        self.starting = True
        self._end_while_starting = None
        self._state.generation += 1
        self._state.alive = True
        # Saved before the start: an agent that is started again finds the kernel by this name and removes or adopts it.
        session_file.save(self._context.sessions_dir, self._state)
        try:
            await self._context.component.remove(self.id)
            address = await self._context.component.start(self.id, self._state.kernel)
            await self._open(address, Positions(0, 0, 0))
        except GradError:
            await self._remove()
            self._state.alive = False
            raise
        finally:
            self.starting = False
        assert self.link is not None
        if self._end_while_starting is not None:
            self.link.on_ended(self._end_while_starting)
        log("info", "kernel.started", session=self._state.name, kernel=self.id, spec=self._state.kernel)
        return self.link, True

    async def adopt(self, address: Address, positions: Positions | None) -> KernelLink:
        """Connects to a kernel that an earlier agent started. Raises GradError."""
        await self._open(address, positions)
        assert self.link is not None
        return self.link

    async def drop(self, reason: str) -> None:
        """Ends the kernel, if there is one. `Session.previous_end` then shows the reason."""
        if not self._state.alive:
            return
        log("info", "kernel.ended", session=self._state.name, kernel=self.id, why=reason)
        self._state.previous_end = reason
        self._state.alive = False
        session_file.save(self._context.sessions_dir, self._state)
        if self.link is not None:
            self.link.close()
            self.link = None
        await self._remove()

    async def _open(self, address: Address, positions: Positions | None) -> None:
        context = self._context
        self.link = await KernelLink.open(address, context.kernels_dir, context.watcher, positions)

    async def _remove(self) -> None:
        try:
            await self._context.component.remove(self.id)
        except GradError as error:
            log("warn", "kernel.not_removed", session=self._state.name, kernel=self.id, error=error.message)
