"""A kernel with datasets."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import pyarrow
import pyarrow.parquet
import pytest

from ..component import Component, KernelClient, component_in

AddFile = Callable[[str, object], Path]


@pytest.fixture(scope="package")
def component() -> Iterator[Component]:
    with TemporaryDirectory(prefix="gs-") as folder, component_in(Path(folder)) as made:
        yield made


@pytest.fixture
def data(component: Component) -> Iterator[Path]:
    """The folder of the datasets; without any."""
    folder = component.workspace / "data"
    folder.mkdir()
    yield folder
    rmtree(folder)


@pytest.fixture
def add_file(data: Path) -> AddFile:
    """Writes text, or a table as a Parquet file, below the folder of the datasets."""

    def add(path: str, content: object) -> Path:
        file = data / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            file.write_text(content)
        else:
            pyarrow.parquet.write_table(pyarrow.table(content), file)
        return file

    return add


@pytest.fixture
def kernel(component: Component) -> Iterator[KernelClient]:
    client = component.client()
    kernel = component.kernel(client)
    yield kernel
    kernel.close()
    client.ask("remove", kernel=kernel.name)
    client.close()
