"""Attaching real S3 by real s3fs, below a real keeper."""

import pytest

from tests.data.rooming import MOUNTED, data_room, s3_dataset
from tests.support_s3 import S3Server


async def test_apply_mounts_a_prefix_that_has_no_folder_markers(s3: S3Server) -> None:
    async with data_room() as room:
        answer = await room.apply(s3_dataset(s3, "flights", prefix="flights"), s3_dataset(s3, "all"))
        assert [(one.name, one.state, one.error_message) for one in answer.values()] == [
            ("all", MOUNTED, ""),
            ("flights", MOUNTED, ""),
        ]
        assert answer["flights"].path == "/workspace/data/flights"
        assert room.ls("flights") == ["year=2013"]
        assert room.cat("flights", "year=2013", "month=2", "b.txt") == "february"
        assert room.cat("all", "top.txt") == "top"


async def test_apply_takes_away_what_is_not_wanted_any_more(s3: S3Server) -> None:
    async with data_room() as room:
        await room.apply(
            s3_dataset(s3, "flights", prefix="flights"), s3_dataset(s3, "weather", prefix="weather")
        )
        before = room.pids("s3fs")
        assert list(await room.apply(s3_dataset(s3, "weather", prefix="weather"))) == ["weather"]
        with pytest.raises(FileNotFoundError):
            room.ls("flights")
        assert room.cat("weather", "w.txt") == "w"
        left = room.pids("s3fs")
        assert len(before) == 2 and len(left) == 1 and left[0] in before
