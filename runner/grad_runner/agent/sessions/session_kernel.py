"""The kernel of one session: at most one at a time, made when it is needed, each with a generation of its own."""

from grad_runner.agent.kernels.component import Address, KernelEnd
from grad_runner.agent.kernels.link import KernelLink
from grad_runner.agent.kernels.output import Positions
from grad_runner.agent.names import kernel_id
from grad_runner.agent.sessions.context import Surroundings
from grad_runner.agent.storage import session_file
from grad_runner.agent.storage.session_file import SessionState
from grad_runner.common.errors import GradError
from grad_runner.common.log import log


class SessionKernel:
    """Only the session's task calls the coroutines."""

    def __init__(self, state: SessionState, around: Surroundings) -> None:
        self._state = state
        self._around = around
        self._early_end: KernelEnd | None = None
        self.link: KernelLink | None = None
        self.starting = False

    @property
    def id(self) -> str:
        return kernel_id(self._state.name, self._state.generation)

    @property
    def has_died(self) -> bool:
        return self.link is not None and self.link.end is not None

    def ended(self, end: KernelEnd) -> None:
        """The component says so (or a reset)."""
        if self.link is not None:
            self.link.ended(end)
        elif self.starting:
            self._early_end = end

    async def ensure(self) -> tuple[KernelLink, bool]:
        """The live kernel, and whether it is fresh. Raises GradError."""
        if self.link is not None:
            return self.link, False
        self.starting = True
        self._early_end = None
        self._state.generation += 1
        self._state.alive = True
        # Kept before it is started: an agent that dies in between finds it by its name and does not leave it behind.
        session_file.save(self._around.sessions, self._state)
        try:
            await self._around.component.remove(self.id)
            address = await self._around.component.start(self.id, self._state.kernel)
            await self._open(address, Positions(0, 0, 0))
        except GradError:
            await self._remove()
            self._state.alive = False
            raise
        finally:
            self.starting = False
        assert self.link is not None
        if self._early_end is not None:
            self.link.ended(self._early_end)
        log("info", "kernel.started", session=self._state.name, kernel=self.id, spec=self._state.kernel)
        return self.link, True

    async def adopt(self, address: Address, positions: Positions | None) -> KernelLink:
        """One that was started before this agent was. Raises GradError."""
        await self._open(address, positions)
        assert self.link is not None
        return self.link

    async def drop(self, why: str) -> None:
        """Ends it, if there is one, for the reason that `Session.previous_end` then tells."""
        if not self._state.alive:
            return
        log("info", "kernel.ended", session=self._state.name, kernel=self.id, why=why)
        self._state.previous_end = why
        self._state.alive = False
        session_file.save(self._around.sessions, self._state)
        if self.link is not None:
            self.link.close()
            self.link = None
        await self._remove()

    async def _open(self, address: Address, positions: Positions | None) -> None:
        around = self._around
        self.link = await KernelLink.open(address, around.kernels, around.context, around.watcher, positions)

    async def _remove(self) -> None:
        try:
            await self._around.component.remove(self.id)
        except GradError as error:
            log("warn", "kernel.not_removed", session=self._state.name, kernel=self.id, error=error.message)
