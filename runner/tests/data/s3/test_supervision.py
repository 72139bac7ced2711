"""What happens to a mount afterwards: s3fs killed, S3 dead or frozen, keys renewed, the component itself killed."""

import asyncio
import time
from collections.abc import Callable

import pytest

from grad_runner.gen.grad.v1 import dataset_pb2
from tests.data.data_component import FAILED, MOUNTED, DataComponent, data_component, s3_dataset
from tests.support_s3 import ROOT_KEY, ROOT_SECRET, S3Server, s3_server


async def until(seconds: float, ask: Callable[[], object]) -> None:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if ask():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")


async def until_state(component: DataComponent, name: str, state: int, seconds: float) -> str:
    """Waits for the state; answers the error's code."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        now = await component.status(name)
        if now.state == state:
            return now.error_code
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def readable(component: DataComponent, *path: str) -> bool:
    try:
        return bool(component.cat(*path))
    except OSError:
        return False


async def test_killed_s3fs_is_replaced_without_waiting_for_a_probe(s3: S3Server) -> None:
    never = "1000000"
    async with data_component(
        "--probe-every-seconds", never, "--probe-before-call-seconds", never
    ) as component:
        await component.apply(s3_dataset(s3, "weather", prefix="weather"))
        before = component.pids("s3fs")
        component.signal("KILL", before)
        await until(60, lambda: readable(component, "weather", "w.txt"))
        assert component.pids("s3fs") != before
        assert (await component.status("weather")).state == MOUNTED


async def test_dataset_is_unmounted_while_s3_is_down_and_mounted_afterwards() -> None:
    with s3_server() as own:
        own.put("lake", {"a/w.txt": b"w"})
        async with data_component() as component:
            await component.apply(s3_dataset(own, "weather"))
            own.kill()
            assert await until_state(component, "weather", FAILED, 60) == "dataset_unreachable"
            with pytest.raises(FileNotFoundError):
                component.ls("weather")
            assert component.pids("s3fs") == []
            own.start()
            await until_state(component, "weather", MOUNTED, 60)
            assert component.cat("weather", "a", "w.txt") == "w"


async def test_reader_that_hangs_in_a_frozen_server_gets_an_error() -> None:
    with s3_server() as own:
        own.put("lake", {"a/w.txt": b"w", "b/w.txt": b"w"})
        async with data_component() as component:
            await component.apply(s3_dataset(own, "weather"))
            own.freeze()
            try:
                with pytest.raises(OSError, match="weather"):
                    await asyncio.to_thread(component.cat, "weather", "b", "w.txt")  # its own bound is 20 s
                assert await until_state(component, "weather", FAILED, 60) == "dataset_unreachable"
            finally:
                own.thaw()
            await until_state(component, "weather", MOUNTED, 60)
            assert component.cat("weather", "b", "w.txt") == "w"


async def test_apply_answers_in_time_while_a_dataset_is_still_mounting() -> None:
    with s3_server() as own:
        own.put("lake", {"a/w.txt": b"w"})
        own.freeze()
        try:
            async with data_component() as component:
                answer = await component.apply(s3_dataset(own, "weather"), wait_ms=300)
                assert answer["weather"].state not in (MOUNTED, FAILED)
                own.thaw()
                await until_state(component, "weather", MOUNTED, 60)
        finally:
            own.thaw()


async def test_apply_with_fresh_keys_does_not_disturb_an_open_file(s3: S3Server) -> None:
    s3.add_user("second", "seconds-secret")
    s3.put("kept", {"a/b.txt": b"b" * 100_000})
    may = {"Principal": "second", "Action": ["s3:ListBucket", "s3:GetObject"]}
    s3.allow("kept", [{**may, "Resource": ["arn:aws:s3:::kept", "arn:aws:s3:::kept/*"]}])
    fresh = dataset_pb2.S3Credentials(access_key_id="second", secret_access_key="seconds-secret")
    async with data_component() as component:
        await component.apply(s3_dataset(s3, "kept", "kept"))
        before = component.pids("s3fs")
        folder = component.init.folder
        slow = (
            f"exec 3<{component.init.data_root}/kept/a/b.txt; : > {folder}/opened;"
            f" until test -e {folder}/applied; do sleep 0.05; done; wc -c <&3"
        )
        reading = asyncio.create_task(asyncio.to_thread(component.init.inside, "sh", "-c", slow))
        await until(60, (folder / "opened").exists)
        assert (await component.apply(s3_dataset(s3, "kept", "kept", credentials=fresh)))[
            "kept"
        ].state == MOUNTED
        both = component.pids("s3fs")
        assert len(both) == 2 and before[0] in both
        assert len(component.cat("kept", "a", "b.txt")) == 100_000
        (folder / "applied").touch()
        assert (await reading).stdout.strip() == "100000"
        await until(60, lambda: before[0] not in component.pids("s3fs"))  # the old one has ended by itself
        assert (await component.status("kept")).state == MOUNTED

        same = await component.apply(s3_dataset(s3, "kept", "kept", credentials=fresh))
        assert same["kept"].state == MOUNTED and component.pids("s3fs") == [
            pid for pid in both if pid != before[0]
        ]

        wrong = dataset_pb2.S3Credentials(access_key_id="second", secret_access_key="another")
        answer = await component.apply(s3_dataset(s3, "kept", "kept", credentials=wrong))
        assert answer["kept"].error_code == "dataset_credentials_invalid"
        assert component.ls() == [] and component.pids("s3fs") == []


async def test_mounted_dataset_fails_when_its_keys_expire(s3: S3Server) -> None:
    # It must be mounted before: that takes less than a second.
    soon = dataset_pb2.S3Credentials(
        access_key_id=ROOT_KEY,
        secret_access_key=ROOT_SECRET,
        expires_at_seconds=int(time.time()) + 8,
    )
    async with data_component() as component:
        answer = await component.apply(s3_dataset(s3, "weather", prefix="weather", credentials=soon))
        assert answer["weather"].state == MOUNTED
        assert await until_state(component, "weather", FAILED, 60) == "dataset_credentials_expired"
        assert component.ls() == []
        assert (await component.apply(s3_dataset(s3, "weather", prefix="weather")))[
            "weather"
        ].state == MOUNTED


READER = dataset_pb2.S3Credentials(access_key_id="reader", secret_access_key="readers-secret")


def let_read(s3: S3Server, bucket: str, *actions: str) -> None:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    s3.allow(bucket, [{"Principal": "reader", "Action": list(actions), "Resource": resources}])


async def test_mounted_dataset_fails_when_s3_refuses_its_keys() -> None:
    with s3_server() as own:
        own.add_user("reader", "readers-secret")
        own.put("lake", {"a/w.txt": b"w"})
        dataset = s3_dataset(own, "weather", credentials=READER)
        async with data_component("--probe-every-seconds", "0.3") as component:
            let_read(own, "lake", "s3:ListBucket", "s3:GetObject")
            assert (await component.apply(dataset))["weather"].state == MOUNTED
            let_read(own, "lake", "s3:ListBucket")  # keys that list and do not get
            assert await until_state(component, "weather", FAILED, 60) == "dataset_access_denied"
            assert '"weather"' in (await component.status("weather")).error_message
            with pytest.raises(FileNotFoundError):
                component.ls("weather")
            assert component.pids("s3fs") == []

            let_read(own, "lake", "s3:ListBucket", "s3:GetObject")
            assert (await component.apply(dataset))["weather"].state == MOUNTED
            own.remove_user("reader")  # revoked
            assert await until_state(component, "weather", FAILED, 60) == "dataset_credentials_invalid"

            assert (await component.apply(s3_dataset(own, "weather")))["weather"].state == MOUNTED
            assert component.cat("weather", "a", "w.txt") == "w"
            own.remove_bucket("lake")
            assert await until_state(component, "weather", FAILED, 60) == "dataset_bucket_not_found"


async def test_apply_notices_that_s3_refuses_the_keys_and_probes_at_most_once_in_the_given_time() -> None:
    with s3_server() as own:
        own.add_user("reader", "readers-secret")
        own.put("lake", {"a/w.txt": b"w"})
        let_read(own, "lake", "s3:ListBucket", "s3:GetObject")
        dataset = s3_dataset(own, "weather", credentials=READER)
        async with data_component("--probe-before-call-seconds", "1000000") as component:
            assert (await component.apply(dataset))["weather"].state == MOUNTED
            let_read(own, "lake", "s3:PutObject")
            for _ in range(3):
                assert (await component.apply(dataset))["weather"].state == MOUNTED  # asked not long ago
        let_read(own, "lake", "s3:ListBucket", "s3:GetObject")
        async with data_component("--probe-before-call-seconds", "0") as component:
            assert (await component.apply(dataset))["weather"].state == MOUNTED
            let_read(own, "lake", "s3:PutObject")
            await component.apply(dataset, wait_ms=0)  # begins to look; its answer may come after this one
            assert await until_state(component, "weather", FAILED, 60) == "dataset_access_denied"
            let_read(own, "lake", "s3:ListBucket", "s3:GetObject")
            assert (await component.apply(dataset))["weather"].state == MOUNTED


async def test_apply_does_not_wait_for_a_probe_of_a_frozen_server() -> None:
    with s3_server() as own:
        own.put("lake", {"a/w.txt": b"w"})
        async with data_component("--probe-before-call-seconds", "0") as component:
            await component.apply(s3_dataset(own, "weather"))
            own.freeze()
            try:
                # A probe of this server ends by a timeout of 6 s or more: ten of them would take a minute.
                async with asyncio.timeout(30):
                    for _ in range(10):
                        assert (await component.apply(s3_dataset(own, "weather")))["weather"].state == MOUNTED
            finally:
                own.thaw()


async def test_apply_replaces_a_source_under_the_same_name(s3: S3Server) -> None:
    async with data_component() as component:
        await component.apply(s3_dataset(s3, "data", prefix="weather"))
        await component.apply(s3_dataset(s3, "data", prefix="flights"))
        assert component.ls("data") == ["year=2013"]
        assert len(component.pids("s3fs")) == 1


async def test_clear_removes_the_mounts_of_a_component_that_was_killed(s3: S3Server) -> None:
    async with data_component() as component:
        await component.apply(s3_dataset(s3, "weather", prefix="weather"))
        component.signal("KILL", [component.init.component("data")["pid"]])
        await until(
            60,
            lambda: (
                component.init.component("data")["restarts"] == 1
                and component.init.component("data")["alive"]
            ),
        )
        await until(
            60,
            lambda: (
                "data.serving" in component.init.log("data").partition("dataset")[2] and not component.ls()
            ),
        )
        assert component.pids("s3fs") == []
        await until(60, lambda: (component.init.folder / "data.sock").exists())
        assert (await component.apply(s3_dataset(s3, "weather", prefix="weather")))[
            "weather"
        ].state == MOUNTED


async def test_stop_leaves_no_mount_and_no_s3fs(s3: S3Server) -> None:
    async with data_component() as component:
        await component.apply(s3_dataset(s3, "weather", prefix="weather"))
        component.signal("TERM", [component.init.component("data")["pid"]])
        await until(60, lambda: component.init.component("data")["lastExit"] == 0)
