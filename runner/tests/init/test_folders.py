from dataclasses import replace
from pathlib import Path

import pytest

from grad_runner.init.folders import make_folders
from grad_runner.init.plan import Plan


def plan(folder: Path) -> Plan:
    return Plan(
        runner="r",
        runtime=str(folder),
        data_mount_root=str(folder / "data"),
        folders=(str(folder / "workspace" / "code"), str(folder / "workspace" / "outputs")),
        binds=(),
        data_place=str(folder / "workspace" / "data"),
        data_place_is_link=False,
        components=(),
    )


def test_make_folders_keeps_what_code_has_put_in_their_places(tmp_path: Path) -> None:
    make_folders(plan(tmp_path))
    code, outputs = tmp_path / "workspace" / "code", tmp_path / "workspace" / "outputs"
    assert code.is_dir() and outputs.stat().st_mode & 0o777 == 0o700
    (code / "mine.py").touch()
    outputs.rmdir()
    outputs.symlink_to("nowhere")
    make_folders(plan(tmp_path))
    assert (code / "mine.py").exists()
    assert outputs.is_symlink()


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("is_link", [True, False])
def test_make_folders_makes_the_place_of_the_datasets_anew(
    tmp_path: Path, before: bool, is_link: bool
) -> None:
    make_folders(replace(plan(tmp_path), data_place_is_link=before))
    make_folders(replace(plan(tmp_path), data_place_is_link=is_link))
    place = tmp_path / "workspace" / "data"
    assert place.is_symlink() is is_link
    assert place.is_dir() is not is_link  # the link's target is not made here
