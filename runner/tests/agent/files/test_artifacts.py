"""What an execution changed, within bounds of memory and time."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grad_runner.agent.files import artifacts, checksum
from grad_runner.agent.files.artifacts import ArtifactScanner, Changed
from grad_runner.agent.files.checksum import ChecksumBudget
from grad_runner.agent.limits import HASHED_BYTES, HASHED_BYTES_OF_ALL, HASHING_SECONDS, MAX_ARTIFACTS


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[ArtifactScanner]:
    for top in ("code", "outputs"):
        (tmp_path / top).mkdir()
    root = os.open(tmp_path, os.O_RDONLY)
    yield ArtifactScanner(root, "own-")
    os.close(root)


def found(scanner: ArtifactScanner, since_ns: int = 0) -> list[str]:
    changed = scanner.scan(since_ns)
    assert changed is not None
    return changed.paths


def test_a_file_is_reported_once_until_it_changes(scanner: ArtifactScanner, tmp_path: Path) -> None:
    (tmp_path / "outputs/a").write_text("1")
    assert found(scanner) == ["outputs/a"]
    assert found(scanner) == []
    (tmp_path / "outputs/a").write_text("22")
    assert found(scanner) == ["outputs/a"]


def test_everything_of_the_workspace_but_datasets_is_reported(
    scanner: ArtifactScanner, tmp_path: Path
) -> None:
    paths = ["code/a.py", "out.csv", "outputs/b", "plots/deep/c.png", ".hidden/d", "sub/data/e"]
    for path in [*paths, "data/set/f", "code/own-1.py"]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert found(scanner) == sorted(paths)


def test_an_upload_that_is_not_complete_is_not_reported(scanner: ArtifactScanner, tmp_path: Path) -> None:
    (tmp_path / ".grad-upload-0").touch()
    (tmp_path / "upload").touch()
    assert found(scanner) == ["upload"]


def test_copies_of_output_are_not_reported(scanner: ArtifactScanner, tmp_path: Path) -> None:
    paths = [
        "outputs/own-1/figure-1.png",
        "outputs/own-1/deep/stdout.txt",
        "outputs/mine/stdout.txt",
        "stderr.txt",
    ]
    for path in [*paths, "outputs/own-1/stdout.txt", "outputs/own-2/stderr.txt", "outputs/own-2/stdout.new"]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert found(scanner) == sorted(paths)


def test_the_bound_of_entries_leaves_out_other_folders_before_outputs(
    scanner: ArtifactScanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "MAX_SCANNED_FILES", 3)
    for number in range(9):
        (tmp_path / str(number)).touch()
    (tmp_path / "outputs/a").touch()
    changed = scanner.scan(0, 3)
    assert changed is not None
    assert (len(changed.paths), changed.paths[-1]) == (3, "outputs/a")


def test_a_file_that_was_uploaded_is_not_reported(scanner: ArtifactScanner, tmp_path: Path) -> None:
    (tmp_path / "code/a.py").write_text("1")
    (tmp_path / "code/b.py").write_text("1")
    scanner.mark_known("code/a.py")
    assert found(scanner) == ["code/b.py"]


def test_a_scan_gives_up_above_its_bound_of_entries(scanner: ArtifactScanner, tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / "outputs" / str(number)).touch()
    assert scanner.scan(0, 4) is None
    changed = scanner.scan(0, 5)
    assert changed is not None
    assert len(changed.paths) == 5


def test_more_files_than_the_bound_are_counted_and_not_kept(
    scanner: ArtifactScanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_ARTIFACTS == 1_000
    monkeypatch.setattr(artifacts, "MAX_ARTIFACTS", 3)
    for number in range(5):
        (tmp_path / "outputs" / str(number)).touch()
    changed = scanner.scan(0)
    assert changed == Changed(["outputs/0", "outputs/1", "outputs/2"], 2)
    gap = scanner.describe(changed)[-1].gap
    assert (gap.of, gap.amount) == ("artifacts", 2)


def test_a_path_that_no_request_could_name_is_not_reported(
    scanner: ArtifactScanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "MAX_PATH_BYTES", 20)
    (tmp_path / "outputs" / ("x" * 12)).touch()
    (tmp_path / "outputs" / ("y" * 13)).touch()
    assert found(scanner) == ["outputs/" + "x" * 12]


def test_the_smallest_files_have_checksums_when_the_budget_is_used_up(
    scanner: ArtifactScanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksum, "HASHED_BYTES_OF_ALL", 60)
    contents = {"outputs/a": b"a" * 50, "outputs/b": b"b" * 10, "outputs/c": b"c" * 40}
    for path, content in contents.items():
        (tmp_path / path).write_bytes(content)
    changed = scanner.scan(0)
    assert changed is not None
    described = [event.artifact for event in scanner.describe(changed)]
    assert [artifact.path for artifact in described] == list(contents)
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in contents.items()}
    assert [artifact.sha256 for artifact in described] == ["", digests["outputs/b"], digests["outputs/c"]]


@pytest.fixture
def sparse(tmp_path: Path) -> Iterator[int]:
    """A file of HASHED_BYTES that takes no disk space. A thousand of them would take the agent more than 40 s."""
    with (tmp_path / "sparse").open("w+b") as file:
        file.truncate(HASHED_BYTES)
        yield file.fileno()


def test_the_checksums_of_sparse_files_end_with_the_time(sparse: int) -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += HASHING_SECONDS / 100
        return now

    budget = ChecksumBudget(clock)
    assert [bool(budget.sha256(sparse, HASHED_BYTES)) for _ in range(3)] == [True, False, False]
    assert now <= 1.1 * HASHING_SECONDS


def test_the_checksums_of_sparse_files_end_with_the_bytes(
    sparse: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert HASHED_BYTES_OF_ALL <= 1024**3
    monkeypatch.setattr(checksum, "HASHED_BYTES_OF_ALL", 2 * HASHED_BYTES)
    budget = ChecksumBudget(lambda: 0.0)
    assert [bool(budget.sha256(sparse, HASHED_BYTES)) for _ in range(4)] == [True, True, False, False]


@pytest.mark.parametrize(("size", "is_hashed"), [(5, True), (3, True), (6, False), (HASHED_BYTES + 1, False)])
def test_a_checksum_is_that_of_the_announced_size(tmp_path: Path, size: int, *, is_hashed: bool) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    fd = os.open(tmp_path / "a", os.O_RDONLY)
    try:
        digest = ChecksumBudget().sha256(fd, size)
    finally:
        os.close(fd)
    assert digest == (hashlib.sha256(b"12345"[:size]).hexdigest() if is_hashed else "")
