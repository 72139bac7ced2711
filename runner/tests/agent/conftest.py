"""One kernel component and one agent for a module's tests; those that kill something start their own."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.agent.components import Client, Components


@pytest.fixture(scope="module")
def components() -> Iterator[Components]:
    """Small bounds, so that reaching them costs little."""
    made = Components()
    try:
        made.start_kernel_component()
        made.start_agent("--max-stream-bytes", str(8 * 1024 * 1024))
        yield made
    finally:
        made.stop()


@pytest.fixture
def own_components() -> Iterator[Components]:
    """Nothing is started yet."""
    made = Components()
    try:
        yield made
    finally:
        made.stop()


@pytest_asyncio.fixture
async def client(components: Components) -> AsyncIterator[Client]:
    async with Client(components.address) as made:
        yield made
