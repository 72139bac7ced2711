from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from .room import KernelClient, Room, SupervisorClient, room_in


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    """One room for the tests of a module that only use it. Short path: socket names are bounded."""
    with TemporaryDirectory(prefix="gk-") as folder, room_in(Path(folder)) as made:
        yield made


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """For a test that breaks its room."""
    with TemporaryDirectory(prefix="gk-") as folder:
        yield Path(folder)


@pytest.fixture
def client(room: Room) -> Iterator[SupervisorClient]:
    client = room.client()
    yield client
    client.close()


@pytest.fixture
def kernel(room: Room, client: SupervisorClient) -> Iterator[KernelClient]:
    kernel = room.kernel(client)
    yield kernel
    kernel.close()
    client.ask("remove", kernel=kernel.name)
