"""Wakes everyone who waits; nobody who waits can hold up who rings."""

import asyncio


class Bell:
    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for one in waiting:
            if not one.done():
                one.set_result(None)

    async def wait(self, until: float) -> bool:
        """Until the next ring; False when the loop's time `until` came first."""
        loop = asyncio.get_running_loop()
        if loop.time() >= until:
            return False
        one: asyncio.Future[None] = loop.create_future()
        self._waiting.add(one)
        timer = loop.call_at(until, _expire, one)
        try:
            await one
        except TimeoutError:
            return False
        finally:
            timer.cancel()
            self._waiting.discard(one)
        return True


def _expire(one: "asyncio.Future[None]") -> None:
    if not one.done():
        one.set_exception(TimeoutError())
