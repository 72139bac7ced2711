"""One kernel room and one agent for a module's tests; those that kill something start their own."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.agent.rooms import Client, Rooms


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    """Small bounds, so that reaching them costs little."""
    made = Rooms()
    try:
        made.start_kernel_room()
        made.start_agent("--max-stream-bytes", str(8 * 1024 * 1024))
        yield made
    finally:
        made.stop()


@pytest.fixture
def own_rooms() -> Iterator[Rooms]:
    """Nothing is started yet."""
    made = Rooms()
    try:
        yield made
    finally:
        made.stop()


@pytest_asyncio.fixture
async def client(rooms: Rooms) -> AsyncIterator[Client]:
    async with Client(rooms.address) as made:
        yield made
