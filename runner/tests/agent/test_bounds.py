"""The bounds of a session's queue and of listings: what is allowed is served, one more is not."""

import asyncio
from pathlib import Path

import grpc.aio
import pytest

from grad_runner.agent.files import workspace_files
from grad_runner.agent.files.workspace_files import MAX_ENTRIES, WorkspaceFiles
from grad_runner.agent.limits import MAX_QUEUED
from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from tests.agent.components import Client
from tests.support_errors import code_of


@pytest.mark.asyncio
async def test_a_session_queues_so_many_and_no_more(client: Client) -> None:
    assert MAX_QUEUED == 1_000
    running = await client.submit("import time; time.sleep(1000)")
    await client.rpc.ReadEvents(
        rpb.ReadEventsRequest(
            execution_id=running.execution.id, from_seq=2, wait_ms=30_000, max_bytes=1 << 20
        )
    )
    for begin in range(0, MAX_QUEUED, 50):
        await asyncio.gather(*(client.submit(f"{number}") for number in range(begin, begin + 50)))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.submit("'one too many'")
    assert code_of(refused.value) == "queue_full"
    # Another session has a queue of its own, and a key that is known is no new execution.
    await client.submit("1", session="other")
    request = rpb.ListExecutionsRequest(limit=10)
    listed = (await client.rpc.ListExecutions(request)).executions
    assert len(listed) == 10


def files_in(folder: Path, count: int) -> WorkspaceFiles:
    for top in ("code", "outputs", "data"):
        (folder / top).mkdir()
    for number in range(count):
        (folder / "code" / str(number)).touch()
    return WorkspaceFiles(folder, folder / "data")


@pytest.mark.parametrize("recursive", [False, True])
def test_a_listing_has_so_many_entries_and_says_whether_there_are_more(
    tmp_path: Path, recursive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_ENTRIES == 10_000
    monkeypatch.setattr(workspace_files, "MAX_ENTRIES", 20)
    files = files_in(tmp_path, 20)
    entries, more = files.entries("code", recursive=recursive)
    assert (len(entries), more) == (20, False)
    (tmp_path / "code" / "one-more").touch()
    entries, more = files.entries("code", recursive=recursive)
    assert (len(entries), more) == (20, True)


def test_a_listing_of_everything_says_that_a_folder_was_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "MAX_ENTRIES", 20)
    files = files_in(tmp_path, 18)  # and the entry of code/ itself
    assert files.entries("", recursive=True)[1] is False
    for number in range(3):
        (tmp_path / "code" / f"more-{number}").touch()
    assert files.entries("", recursive=True)[1] is True


def test_a_listing_in_folders_of_a_folder_stops_at_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_files, "MAX_ENTRIES", 5)
    files = files_in(tmp_path, 0)
    deep = tmp_path / "code" / "a" / "b"
    deep.mkdir(parents=True)
    for number in range(3):
        (deep / str(number)).touch()
    entries, more = files.entries("code", recursive=True)
    assert ([entry.path for entry in entries][:2], len(entries), more) == (["code/a", "code/a/b"], 5, False)
    (deep / "3").touch()
    assert files.entries("code", recursive=True)[1] is True
    assert [entry.path for entry in files.entries("code", recursive=False)[0]] == ["code/a"]
