"""Datasets that are to be written to: by real s3fs into a real S3, and folders of the machine."""

import asyncio
import os
from pathlib import Path

import pytest

from grad_runner.gen.grad.v1 import dataset_pb2
from tests.data.data_component import (
    FAILED,
    MOUNTED,
    ROOT_KEYS,
    DataComponent,
    data_component,
    directory_dataset,
    s3_dataset,
)
from tests.data.s3.test_supervision import until
from tests.support_s3 import S3Server, s3_server

READ_ONLY, READ_WRITE = dataset_pb2.ACCESS_READ_ONLY, dataset_pb2.ACCESS_READ_WRITE
READ = ["s3:ListBucket", "s3:GetObject"]
WRITE = ["s3:PutObject", "s3:DeleteObject"]


def objects(server: S3Server, bucket: str) -> dict[str, bytes]:
    """What an S3 client sees, without the markers of folders."""
    client = server.client()
    listed = client.list_objects_v2(Bucket=bucket).get("Contents", ())
    keys = [one["Key"] for one in listed if not one["Key"].endswith("/")]
    found = {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
    client.close()
    return found


def uploads(server: S3Server, bucket: str) -> list[object]:
    client = server.client()
    found = client.list_multipart_uploads(Bucket=bucket).get("Uploads") or []
    client.close()
    return list(found)


def user(server: S3Server, name: str) -> dataset_pb2.S3Credentials:
    server.add_user(name, f"{name}s-secret")
    return dataset_pb2.S3Credentials(access_key_id=name, secret_access_key=f"{name}s-secret")


async def mounted(component: DataComponent, *datasets: dataset_pb2.Dataset) -> None:
    answer = await component.apply(*datasets)
    assert [(one.state, one.error_message) for one in answer.values()] == [(MOUNTED, "")] * len(datasets)


async def test_apply_read_write_stores_everything_that_is_written_in_s3(s3: S3Server) -> None:
    s3.put(
        "written", {"rw/old.txt": b"old", "rw/implicit/a.txt": b"a", "rw/gone.txt": b"x", "other.txt": b"o"}
    )
    async with data_component() as component:
        await mounted(component, s3_dataset(s3, "rw", "written", "rw", access=READ_WRITE))
        said = component.sh(
            """set -e; cd rw
            printf new > new.txt; printf more >> old.txt; printf second > new.txt
            mkdir -p made/deep; printf deep > made/deep/f.txt; printf b > implicit/b.txt
            printf r > renamed.tmp; mv renamed.tmp renamed.txt; mv made/deep made/moved
            rm gone.txt; mkdir bare; rmdir bare
            head -c 25000000 /dev/zero > large.bin; stat -c '%A %u' old.txt"""
        )
        assert said == f"-rwxr-xr-x {os.getuid()}\n"
        large = objects(s3, "written").pop("rw/large.bin")
        assert len(large) == 25_000_000
        assert {key: body for key, body in objects(s3, "written").items() if key != "rw/large.bin"} == {
            "other.txt": b"o",
            "rw/implicit/a.txt": b"a",
            "rw/implicit/b.txt": b"b",
            "rw/made/moved/f.txt": b"deep",
            "rw/new.txt": b"second",
            "rw/old.txt": b"oldmore",
            "rw/renamed.txt": b"r",
        }


async def test_apply_leaves_nothing_in_s3_by_itself(s3: S3Server) -> None:
    s3.put("untouched", {"a/x.txt": b"x"})
    async with data_component() as component:
        await mounted(component, s3_dataset(s3, "a", "untouched", "a", access=READ_WRITE))
        await component.apply()
    assert objects(s3, "untouched") == {"a/x.txt": b"x"} and uploads(s3, "untouched") == []


async def test_apply_read_write_accepts_a_new_prefix_but_not_an_object(s3: S3Server) -> None:
    s3.put("young", {"there.txt": b"x"})
    async with data_component() as component:
        await mounted(component, s3_dataset(s3, "new", "young", "not/yet", access=READ_WRITE))
        assert component.sh("ls -A new; printf x > new/first.txt; ls new") == "first.txt\n"
        assert objects(s3, "young") == {"there.txt": b"x", "not/yet/first.txt": b"x"}
        answer = await component.apply(
            s3_dataset(s3, "object", "young", "there.txt", access=READ_WRITE),
            s3_dataset(s3, "read", "young", "missing", access=READ_ONLY),
        )
        assert {one.error_code for one in answer.values()} == {"dataset_prefix_not_found"}


async def test_apply_read_write_refuses_keys_that_may_only_read(s3: S3Server) -> None:
    s3.put("guarded", {"a/x.txt": b"x"})
    reader = user(s3, "onlyreads")
    both = {"Resource": ["arn:aws:s3:::guarded", "arn:aws:s3:::guarded/*"], "Action": READ}
    s3.allow("guarded", [{**both, "Principal": "onlyreads"}])
    async with data_component() as component:
        answer = (await component.apply(s3_dataset(s3, "a", "guarded", "a", reader, READ_WRITE)))["a"]
        assert (answer.state, answer.error_code) == (FAILED, "dataset_access_denied")
        assert '"a" read-write: its keys may not write s3://guarded/a (AccessDenied)' in answer.error_message
        assert "s3:PutObject" in answer.error_hint and "access: read-only" in answer.error_hint
        assert component.ls() == [] and component.pids("s3fs") == []
        await mounted(component, s3_dataset(s3, "a", "guarded", "a", reader))
        s3.allow("guarded", [{**both, "Principal": "*"}])
        answer = (await component.apply(s3_dataset(s3, "a", "guarded", "a", None, READ_WRITE)))["a"]
        assert answer.error_code == "dataset_access_denied" and "credentials" in answer.error_hint


async def test_writing_an_object_that_s3_refuses_is_an_error_for_the_writer(s3: S3Server) -> None:
    """Keys may write below one folder of the prefix only; what s3_mounter.py says of errors is tried here."""
    s3.put("partly", {"p/open/x.txt": b"x", "p/shut/x.txt": b"x"})
    writer = user(s3, "partwriter")
    everything = ["arn:aws:s3:::partly", "arn:aws:s3:::partly/*"]
    allowed = ["arn:aws:s3:::partly/p/open/*", "arn:aws:s3:::partly/p/.grad-write-check"]
    s3.allow(
        "partly",
        [
            {"Principal": "partwriter", "Action": READ, "Resource": everything},
            {"Principal": "partwriter", "Action": WRITE, "Resource": allowed},
        ],
    )
    async with data_component() as component:
        await mounted(component, s3_dataset(s3, "p", "partly", "p", writer, READ_WRITE))
        assert component.sh("printf y > p/open/y.txt && cat p/open/y.txt") == "y"
        for refused in (
            'python3 -c \'with open("p/shut/new.txt", "w") as f: f.write("x")\'',
            'python3 -c \'with open("p/shut/x.txt", "a") as f: f.write("x")\'',
            "cp p/open/x.txt p/shut/copied.txt",
            "echo x | tee p/shut/teed.txt",
            "sort -o p/shut/sorted.txt p/open/x.txt",
            "mkdir p/shut/sub",
            "rm -f p/shut/x.txt",
            "mv p/shut/x.txt p/shut/z.txt",
        ):
            assert "not permitted" in component.sh(refused), refused
        for shell in ("sh", "bash"):  # an error that nobody sees
            assert component.sh(f"{shell} -c 'echo x > p/shut/redirected.txt'; echo $?") == "0\n"
    left = {key for key in objects(s3, "partly") if "shut" in key}
    assert left == {"p/shut/x.txt"}


async def test_writing_is_an_error_when_the_server_goes_away() -> None:
    with s3_server() as own:
        own.put("lake", {"a/x.txt": b"x"})
        async with data_component() as component:
            await mounted(component, s3_dataset(own, "a", prefix="a", access=READ_WRITE))
            slow = (
                'python3 -c \'import os, time; f = open("a/new.txt", "w"); f.write("x"); f.flush();'
                ' print("open", flush=True); open("../open", "w").close()\n'
                'while not os.path.exists("../killed"): time.sleep(0.02)\n'
                'f.close(); print("written")\'; echo $?'
            )
            writing = asyncio.create_task(asyncio.to_thread(component.sh, slow))
            await until(60, (component.init.folder / "open").exists)
            own.kill()
            (component.init.folder / "killed").touch()
            said = await writing
            assert said.startswith("open\n") and "OSError" in said.replace(
                "ConnectionAbortedError", "OSError"
            )
            assert "written" not in said and said.endswith("1\n")


@pytest.mark.parametrize("first", [READ_ONLY, READ_WRITE])
async def test_apply_changes_access_with_the_next_call(
    s3: S3Server, tmp_path: Path, first: dataset_pb2.Access
) -> None:
    bucket = f"switch{int(first)}"
    s3.put(bucket, {"x.txt": b"x"})
    order = [first, READ_WRITE if first == READ_ONLY else READ_ONLY, first]
    async with data_component("--allow-directories") as component:
        for access in order:
            await mounted(
                component,
                s3_dataset(s3, "s", bucket, access=access),
                directory_dataset("d", tmp_path, access),
            )
            for name in ("s", "d"):
                said = component.sh(f"printf x > {name}/tried && rm {name}/tried")
                assert ("Read-only file system" in said) == (access == READ_ONLY), said
            assert len(component.pids("s3fs")) == 1


async def test_apply_mounts_one_prefix_read_only_and_read_write_under_two_names(s3: S3Server) -> None:
    s3.put("shared", {"x/x.txt": b"x"})
    async with data_component() as component:
        await mounted(
            component,
            s3_dataset(s3, "rw", "shared", access=READ_WRITE),
            s3_dataset(s3, "ro", "shared", credentials=ROOT_KEYS),
        )
        assert component.sh("printf y > rw/x/y.txt; cat ro/x/y.txt; printf z > ro/x/z.txt").startswith("y")
        assert set(objects(s3, "shared")) == {"x/x.txt", "x/y.txt"}


async def test_apply_binds_a_folder_to_write_to_without_devices_and_set_user_ids(tmp_path: Path) -> None:
    async with data_component("--allow-directories") as component:
        await mounted(component, directory_dataset("d", tmp_path, READ_WRITE))
        assert (
            component.sh("printf x > d/x.txt; mkdir d/sub; mv d/x.txt d/sub/; printf y >> d/sub/x.txt") == ""
        )
        assert (tmp_path / "sub" / "x.txt").read_text() == "xy"
        options = component.sh("findmnt -no VFS-OPTIONS -T d").strip().split(",")
        assert {"rw", "nosuid", "nodev"} <= set(options)


async def test_apply_read_write_refuses_a_folder_without_the_right_to_write(tmp_path: Path) -> None:
    async with data_component("--allow-directories") as component:
        assert (
            component.init.inside("mount", "-t", "tmpfs", "-o", "ro", "none", str(tmp_path)).returncode == 0
        )
        answer = (await component.apply(directory_dataset("d", tmp_path, READ_WRITE)))["d"]
        assert (answer.state, answer.error_code) == (FAILED, "dataset_access_denied")
        assert "access: read-only" in answer.error_hint and component.ls() == []
        await mounted(component, directory_dataset("d", tmp_path))
