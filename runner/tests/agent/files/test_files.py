"""Files by RPC: bounded reads, resumable uploads, and nothing outside of the workspace."""

import hashlib
import os
import time
from pathlib import Path

import grpc
import grpc.aio
import pytest

from grad_runner.gen.grad.v1 import file_pb2 as pb
from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from tests.agent.components import Client, Components
from tests.support_errors import code_of

pytestmark = pytest.mark.asyncio
CONTENT = os.urandom(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


async def begin(
    client: Client, path: str, content: bytes = CONTENT, sha256: str = ""
) -> rpb.BeginUploadResponse:
    digest = sha256 or hashlib.sha256(content).hexdigest()
    request = rpb.BeginUploadRequest(path=path, total_bytes=len(content), sha256=digest, mode=0o640)
    answer: rpb.BeginUploadResponse = await client.rpc.BeginUpload(request)
    return answer


async def put(client: Client, path: str, content: bytes) -> pb.FileEntry:
    begun = await begin(client, path, content)
    await client.rpc.WriteUpload(
        rpb.WriteUploadRequest(upload_id=begun.upload_id, offset=begun.offset, data=content)
    )
    answer = await client.rpc.FinishUpload(rpb.FinishUploadRequest(upload_id=begun.upload_id))
    entry: pb.FileEntry = answer.entry
    return entry


async def test_an_upload_goes_on_where_it_stopped(client: Client, components: Components) -> None:
    begun = await begin(client, "code/deep/er/big.bin")
    assert begun.offset == 0
    await client.rpc.WriteUpload(
        rpb.WriteUploadRequest(upload_id=begun.upload_id, offset=0, data=CONTENT[:1_000_000])
    )
    again = await begin(client, "code/deep/er/big.bin")
    assert (again.upload_id, again.offset) == (begun.upload_id, 1_000_000)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.rpc.WriteUpload(rpb.WriteUploadRequest(upload_id=begun.upload_id, offset=0, data=b"x"))
    assert code_of(refused.value) == "upload_offset"
    assert not (components.workspace / "code/deep").exists()
    await client.rpc.WriteUpload(
        rpb.WriteUploadRequest(upload_id=begun.upload_id, offset=1_000_000, data=CONTENT[1_000_000:])
    )
    answer = await client.rpc.FinishUpload(rpb.FinishUploadRequest(upload_id=begun.upload_id))
    assert (answer.entry.path, answer.entry.bytes) == ("code/deep/er/big.bin", len(CONTENT))
    put_there = components.workspace / "code/deep/er/big.bin"
    assert put_there.read_bytes() == CONTENT
    assert put_there.stat().st_mode & 0o777 == 0o640


async def test_an_uploaded_file_is_no_artifact(client: Client) -> None:
    await client.run("1")
    await put(client, "outputs/given.txt", b"given")
    assert (await client.run("1")).artifacts == {}


async def test_content_with_another_checksum_is_refused(client: Client, components: Components) -> None:
    begun = await begin(client, "code/wrong.bin", b"abc", sha256="0" * 64)
    await client.rpc.WriteUpload(rpb.WriteUploadRequest(upload_id=begun.upload_id, data=b"abc"))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.rpc.FinishUpload(rpb.FinishUploadRequest(upload_id=begun.upload_id))
    assert code_of(refused.value) == "checksum_mismatch"
    assert not (components.workspace / "code/wrong.bin").exists()


async def test_a_download_goes_on_and_notices_a_change(client: Client, components: Components) -> None:
    path = components.workspace / "outputs/read.bin"
    path.write_bytes(CONTENT)
    first = await client.rpc.ReadFile(rpb.ReadFileRequest(path="outputs/read.bin", max_bytes=1_000_000))
    assert (len(first.data), first.total_bytes) == (1_000_000, len(CONTENT))
    rest = await client.rpc.ReadFile(
        rpb.ReadFileRequest(
            path="outputs/read.bin", offset=1_000_000, max_bytes=4_000_000, revision=first.revision
        )
    )
    assert first.data + rest.data == CONTENT
    path.write_bytes(b"other")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.rpc.ReadFile(rpb.ReadFileRequest(path="outputs/read.bin", revision=first.revision))
    assert code_of(refused.value) == "file_changed"


@pytest.fixture
def traps(components: Components) -> Path:
    """Links and a FIFO that user code may have created."""
    outputs: Path = components.workspace / "outputs"
    for name, target in (("link", "/etc"), ("up", ".."), ("passwd", "/etc/passwd")):
        if not (outputs / name).is_symlink():
            (outputs / name).symlink_to(target)
    if not (outputs / "fifo").exists():
        os.mkfifo(outputs / "fifo")
    return outputs


@pytest.mark.usefixtures("traps")
@pytest.mark.parametrize(
    "path",
    [
        "../etc/passwd",
        "/etc/passwd",
        "outputs/../../etc/passwd",
        "outputs/link/passwd",
        "outputs/passwd",
        "outputs/up/state",
        "outputs/fifo",
        "/workspace/outputs/link/hosts",
        "",
        "/workspace",
    ],
)
async def test_nothing_outside_is_read_or_written(client: Client, path: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.rpc.ReadFile(rpb.ReadFileRequest(path=path))
    assert code_of(refused.value) == "path_not_allowed"
    if path in ("outputs/passwd", "outputs/fifo"):
        return  # an upload replaces what is there under that name, which is inside
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await put(client, path, b"x")
    assert code_of(refused.value) == "path_not_allowed"
    assert Path("/etc/passwd").read_text().startswith("root")


@pytest.mark.parametrize("path", ["table.csv", "made/deep/table.csv", "/workspace/full.csv", "state/own.csv"])
async def test_the_working_directory_is_read_and_written(
    client: Client, components: Components, path: str
) -> None:
    plain = path.removeprefix("/workspace/")
    assert (await put(client, path, b"a,b")).path == plain
    assert (components.workspace / plain).read_bytes() == b"a,b"
    assert (await client.rpc.ReadFile(rpb.ReadFileRequest(path=path))).data == b"a,b"
    listed = await client.rpc.ListFiles(rpb.ListFilesRequest(recursive=True))
    assert plain in [entry.path for entry in listed.entries]


async def test_a_file_in_the_working_directory_is_an_artifact(client: Client) -> None:
    ran = await client.run(
        "import os\nopen('mine.csv', 'w').write('1'); os.makedirs('my/own')\nopen('my/own/x', 'w').close()"
    )
    assert set(ran.artifacts) == {"mine.csv", "my/own/x"}


async def test_modules_in_code_and_in_the_working_directory_are_imported(client: Client) -> None:
    await put(client, "code/from_code.py", b"x = 1")
    await put(client, "from_here.py", b"x = 2")
    ran = await client.run("import from_code, from_here\n(from_code.x, from_here.x)")
    assert ran.result == "(1, 2)"
    assert ran.artifacts == {}, "no caches of ours are in the workspace"


async def test_a_file_is_not_put_in_place_of_a_folder(client: Client, components: Components) -> None:
    (components.workspace / "a-folder").mkdir()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await begin(client, "a-folder")
    assert code_of(refused.value) == "path_not_allowed"
    assert "it is a folder" in str(refused.value.details())


async def test_an_upload_replaces_a_link_and_does_not_follow_it(
    client: Client, components: Components
) -> None:
    link = components.workspace / "outputs/trap"
    link.symlink_to("/tmp/ga-must-not-exist")
    await put(client, "outputs/trap", b"inside")
    assert not link.is_symlink()
    assert link.read_bytes() == b"inside"
    assert not Path("/tmp/ga-must-not-exist").exists()


async def test_datasets_are_not_written(client: Client) -> None:
    for path in ("data/set/x", "data", "/workspace/data/set/x"):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await begin(client, path)
        assert code_of(refused.value) == "path_not_allowed"


async def test_files_are_listed_by_name(client: Client, components: Components) -> None:
    (components.workspace / "outputs/listed/inner").mkdir(parents=True)
    (components.workspace / "outputs/listed/b.txt").write_text("bb")
    (components.workspace / "outputs/listed/inner/a.txt").write_text("a")
    (components.workspace / "outputs/listed/link").symlink_to("/etc/passwd")
    flat = await client.rpc.ListFiles(rpb.ListFilesRequest(path="outputs/listed"))
    assert [entry.path.rpartition("/")[2] for entry in flat.entries] == ["b.txt", "inner", "link"]
    kinds = [pb.FileEntry.Type.Name(entry.type) for entry in flat.entries]
    assert kinds == ["TYPE_FILE", "TYPE_DIRECTORY", "TYPE_SYMLINK"]
    assert flat.entries[0].bytes == 2
    assert abs(flat.entries[0].modified_at.seconds - time.time()) < 60
    deep = await client.rpc.ListFiles(rpb.ListFilesRequest(path="outputs/listed", recursive=True))
    assert "outputs/listed/inner/a.txt" in [entry.path for entry in deep.entries]
    one = await client.rpc.ListFiles(rpb.ListFilesRequest(path="outputs/listed/b.txt"))
    assert [entry.path for entry in one.entries] == ["outputs/listed/b.txt"]
    top = await client.rpc.ListFiles(rpb.ListFilesRequest())
    tops = [entry.path for entry in top.entries]
    assert {"code", "data", "outputs"} <= set(tops)
    assert tops == sorted(set(tops))
    with pytest.raises(grpc.aio.AioRpcError) as missing:
        await client.rpc.ListFiles(rpb.ListFilesRequest(path="outputs/none"))
    assert code_of(missing.value) == "file_not_found"
