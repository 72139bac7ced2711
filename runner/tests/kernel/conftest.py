from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from .component import Component, KernelClient, SupervisorClient, component_in


@pytest.fixture(scope="module")
def component() -> Iterator[Component]:
    """One component for the tests of a module that only use it. Short path: socket names are bounded."""
    with TemporaryDirectory(prefix="gk-") as folder, component_in(Path(folder)) as made:
        yield made


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """For a test that breaks its component."""
    with TemporaryDirectory(prefix="gk-") as folder:
        yield Path(folder)


@pytest.fixture
def client(component: Component) -> Iterator[SupervisorClient]:
    client = component.client()
    yield client
    client.close()


@pytest.fixture
def kernel(component: Component, client: SupervisorClient) -> Iterator[KernelClient]:
    kernel = component.kernel(client)
    yield kernel
    kernel.close()
    client.ask("remove", kernel=kernel.name)
