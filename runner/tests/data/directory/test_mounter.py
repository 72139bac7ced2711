"""Folders of the machine, shown read-only."""

import shutil
from pathlib import Path

from tests.data.data_component import FAILED, MOUNTED, data_component, directory_dataset
from tests.data.s3.test_supervision import until, until_state


async def test_apply_mounts_a_folder_read_only(tmp_path: Path) -> None:
    (tmp_path / "a,b c.txt").write_text("hello")
    async with data_component("--allow-directories") as component:
        answer = (await component.apply(directory_dataset("files", tmp_path)))["files"]
        assert (answer.state, answer.error_message, answer.path) == (MOUNTED, "", "/workspace/data/files")
        assert component.cat("files", "a,b c.txt") == "hello"
        written = component.init.inside("touch", str(component.init.data_root / "files" / "new"))
        assert "Read-only file system" in written.stderr
        (tmp_path / "later.txt").write_text("later")
        assert component.ls("files") == ["a,b c.txt", "later.txt"]
        await component.apply()
        assert component.ls() == [] and (tmp_path / "later.txt").exists()


async def test_apply_reports_a_folder_that_is_missing_or_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hello")
    async with data_component("--allow-directories") as component:
        answer = await component.apply(
            directory_dataset("gone", tmp_path / "gone"), directory_dataset("file", tmp_path / "file")
        )
        assert {one.error_code for one in answer.values()} == {"dataset_invalid"}
        assert "No such file or directory" in answer["gone"].error_message
        assert "Not a directory" in answer["file"].error_message
        assert component.ls() == []


async def test_folder_that_is_replaced_or_comes_back_is_mounted_anew(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "x").write_text("old")
    async with data_component("--allow-directories") as component:
        await component.apply(directory_dataset("files", folder))
        folder.rename(tmp_path / "before")
        folder.mkdir()
        (folder / "x").write_text("new")
        await until(60, lambda: component.shows("new", "files", "x"))
        shutil.rmtree(folder)
        assert await until_state(component, "files", FAILED, 60) == "dataset_invalid"
        assert component.ls() == []
        folder.mkdir()
        await until_state(component, "files", MOUNTED, 60)
