"""What is asked of S3 before a mount, with a listing in memory."""

from typing import Any

import pytest

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.s3.preflight import MAX_SEARCH_DEPTH, preflight


class FakeClient:
    """A bucket of empty objects. Counts the listings of folders."""

    def __init__(self, *keys: str) -> None:
        self.keys = sorted(keys)
        self.folder_listings = 0

    def list_objects_v2(self, *, Prefix: str, MaxKeys: int, Delimiter: str = "", **_: str) -> dict[str, Any]:
        below = [key for key in self.keys if key.startswith(Prefix)]
        folders: set[str] = set()
        if Delimiter:
            assert MaxKeys == 1_000  # one page, the largest that S3 sends
            self.folder_listings += 1
            rests = [key.removeprefix(Prefix) for key in below]
            folders = {Prefix + rest.split("/")[0] + "/" for rest in rests if "/" in rest}
            below = [key for key in below if "/" not in key.removeprefix(Prefix)]
        return {
            "ResponseMetadata": {"HTTPHeaders": {}},
            "Contents": [{"Key": key} for key in below[:MaxKeys]],
            "CommonPrefixes": [{"Prefix": folder} for folder in sorted(folders)],
        }

    def head_object(self, **_: str) -> None:
        return None


def spec(prefix: str) -> DatasetSpec:
    return DatasetSpec("d", S3Source("http://s3.test", "us-east-1", "lake", prefix, True))


def hint(client: FakeClient, prefix: str) -> str:
    with pytest.raises(GradError) as raised:
        preflight(spec(prefix), client)
    assert raised.value.code == "dataset_prefix_not_found"
    return raised.value.hint


@pytest.mark.parametrize(
    ("keys", "prefix", "key"),
    [
        (["a/b.txt"], "a", "b.txt"),
        (["a/b.txt"], "", "a/b.txt"),
        (["a/", "a/b.txt"], "a", "b.txt"),
        (["a/"], "a", None),
        ([], "", None),
    ],
)
def test_preflight_finds_a_file_to_try_the_mount_with(keys: list[str], prefix: str, key: str | None) -> None:
    assert preflight(spec(prefix), FakeClient(*keys)).key == key


@pytest.mark.parametrize(
    ("keys", "prefix", "text"),
    [
        ([], "a", "The bucket is empty."),
        (["x.txt"], "a", "There are only objects under the bucket, no folders."),
        (["a/x.txt"], "a/b", "There are only objects under a/, no folders."),
        (["a/x.txt"], "a/x.txt", "a/x.txt is one object; set prefix: a."),
        (["x.txt"], "x.txt", "x.txt is one object; set prefix: (none)."),
        (["flights/x.txt", "weather/x.txt"], "flight", "Similar names: flights, weather."),
        (["a/flights/x.txt"], "a/flight/2013", "Similar names: a/flights."),
        (["a/flights/x.txt"], "b/flight/2013", "Similar names: a."),
    ],
)
def test_preflight_hints_at_what_is_there_instead_of_a_missing_prefix(
    keys: list[str], prefix: str, text: str
) -> None:
    assert hint(FakeClient(*keys), prefix) == text


def test_preflight_looks_eight_levels_up_at_most() -> None:
    prefix = [f"p{level}" for level in range(9)]
    client = FakeClient("there/x.txt")
    assert hint(client, "/".join(prefix[:8])) == "Similar names: there."
    assert client.folder_listings == MAX_SEARCH_DEPTH == 8
    client = FakeClient("there/x.txt")
    assert hint(client, "/".join(prefix)) == "Nothing lies under p0/ either."
    assert client.folder_listings == MAX_SEARCH_DEPTH
