"""Attaching real S3 by real s3fs, below a real init."""

import asyncio

import pytest

from tests.data.data_component import FAILED, MOUNTED, data_component, s3_dataset
from tests.data.s3.test_supervision import until
from tests.support_s3 import ROOT_SECRET, S3Server


async def test_apply_mounts_a_prefix_that_has_no_folder_markers(s3: S3Server) -> None:
    async with data_component() as component:
        answer = await component.apply(s3_dataset(s3, "flights", prefix="flights"), s3_dataset(s3, "all"))
        assert [(one.name, one.state, one.error_message) for one in answer.values()] == [
            ("all", MOUNTED, ""),
            ("flights", MOUNTED, ""),
        ]
        assert answer["flights"].path == "/workspace/data/flights"
        assert component.ls("flights") == ["year=2013"]
        assert component.cat("flights", "year=2013", "month=2", "b.txt") == "february"
        assert component.cat("all", "top.txt") == "top"


async def test_apply_detaches_what_is_not_in_the_set(s3: S3Server) -> None:
    async with data_component() as component:
        await component.apply(
            s3_dataset(s3, "flights", prefix="flights"), s3_dataset(s3, "weather", prefix="weather")
        )
        before = component.pids("s3fs")
        assert list(await component.apply(s3_dataset(s3, "weather", prefix="weather"))) == ["weather"]
        with pytest.raises(FileNotFoundError):
            component.ls("flights")
        assert component.cat("weather", "w.txt") == "w"
        left = component.pids("s3fs")
        assert len(before) == 2 and len(left) == 1 and left[0] in before


async def test_apply_shows_files_read_only_in_a_sandbox_that_is_already_running(s3: S3Server) -> None:
    async with data_component() as component:
        sandbox = (
            "bwrap --unshare-all --die-with-parent --new-session --ro-bind / / --dev /dev --proc /proc --tmpfs /mnt"
            " --ro-bind $ROOT /mnt/data --uid 1000 --gid 1000 --cap-drop ALL"
            " sh -c 'until cat /mnt/data/weather/w.txt 2>/dev/null; do sleep 0.05; done;"
            " (echo no > /mnt/data/weather/new) 2>&1; ls -ln /mnt/data/weather'"
        ).replace("$ROOT", str(component.init.data_root))
        running = asyncio.create_task(asyncio.to_thread(component.init.inside, "sh", "-c", sandbox))
        await until(60, lambda: component.pids("sleep"))  # the sandbox runs, and has not found the file
        await component.apply(s3_dataset(s3, "weather", prefix="weather"))
        said = (await running).stdout
        assert said.startswith("w") and "Read-only file system" in said
        assert "-r-xr-xr-x 1 1000 1000" in said


async def test_apply_mounts_a_prefix_with_every_kind_of_allowed_character(s3: S3Server) -> None:
    prefix = "year=2013/a b/ü~é/x+y&z@1,2;3:4!$'(5)_-.d"
    s3.put("odd", {f"{prefix}/file name.txt": b"found"})
    async with data_component() as component:
        answer = (await component.apply(s3_dataset(s3, "odd", "odd", prefix)))["odd"]
        assert (answer.state, answer.error_message) == (MOUNTED, "")
        assert component.cat("odd", "file name.txt") == "found"


async def test_apply_does_not_confuse_two_prefixes_of_one_bucket(s3: S3Server) -> None:
    """s3fs with a disk cache gives the bytes of one for the other where size and time are equal."""
    s3.put("twins", {"a/x.txt": b"aaaa", "b/x.txt": b"bbbb"})
    async with data_component() as component:
        await component.apply(s3_dataset(s3, "a", "twins", "a"), s3_dataset(s3, "b", "twins", "b"))
        assert (component.cat("a", "x.txt"), component.cat("b", "x.txt")) == ("aaaa", "bbbb")


async def test_apply_shows_new_bytes_of_an_object_that_was_replaced(s3: S3Server) -> None:
    """Of the same size, which s3fs with a disk cache never notices."""
    s3.put("changed", {"x.txt": b"old!"})
    async with data_component() as component:
        await component.apply(s3_dataset(s3, "changed", "changed"))
        assert component.cat("changed", "x.txt") == "old!"
        await asyncio.sleep(1.1)  # S3's instants are of whole seconds
        s3.put("changed", {"x.txt": b"new!"})
        # The kernel keeps attributes for about a second.
        await until(60, lambda: component.shows("new!", "changed", "x.txt"))


async def test_apply_mounts_prefixes_whose_first_keys_are_folder_markers(s3: S3Server) -> None:
    s3.put("marked", {"a/": b"", "a/b.txt": b"b", "only/": b""})
    async with data_component() as component:
        answer = await component.apply(
            s3_dataset(s3, "a", "marked", "a"), s3_dataset(s3, "only", "marked", "only")
        )
        assert [one.state for one in answer.values()] == [MOUNTED, MOUNTED]
        assert (component.ls("a"), component.ls("only")) == (["b.txt"], [])


async def test_apply_mounts_an_empty_bucket_as_an_empty_folder(s3: S3Server) -> None:
    s3.put("empty", {})
    async with data_component() as component:
        assert (await component.apply(s3_dataset(s3, "empty", "empty")))["empty"].state == MOUNTED
        assert component.ls("empty") == []


async def test_apply_shows_keys_in_no_argument_list_and_no_log(s3: S3Server) -> None:
    async with data_component() as component:
        await component.apply(s3_dataset(s3, "weather", prefix="weather"))
        arguments = component.init.inside("sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '").stdout
        assert "s3fs -f lake" in arguments
        assert ROOT_SECRET not in arguments + component.init.log("data") + component.init.log("init")
        hidden = component.init.inside("grep", "-rlF", ROOT_SECRET, str(component.init.folder))
        assert hidden.stdout == ""


async def test_apply_reports_that_s3fs_is_not_installed(s3: S3Server) -> None:
    async with data_component(env={"PATH": "/nonexistent"}) as component:
        answer = (await component.apply(s3_dataset(s3, "weather", prefix="weather")))["weather"]
        assert (answer.state, answer.error_code) == (FAILED, "dataset_mount_failed")
        assert "s3fs is not installed" in answer.error_message and "apt-get install s3fs" in answer.error_hint


async def test_apply_reports_that_fuse_cannot_be_opened(s3: S3Server) -> None:
    async with data_component() as component:
        assert component.init.inside("mount", "--bind", "/dev/null", "/dev/fuse").returncode == 0
        assert component.init.inside("mount", "-o", "remount,bind,nodev", "/dev/fuse").returncode == 0
        answer = (await component.apply(s3_dataset(s3, "weather", prefix="weather")))["weather"]
        assert (answer.state, answer.error_code) == (FAILED, "dataset_mount_failed")
        assert "/dev/fuse cannot be opened" in answer.error_message and "chmod" in answer.error_hint
