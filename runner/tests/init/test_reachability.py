import errno
from pathlib import Path

import pytest

from grad_runner.init.reachability import follow


def test_follow_names_every_link_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "real" / "bin").mkdir(parents=True)
    (tmp_path / "real" / "bin" / "python3").touch()
    (tmp_path / "real" / "bin" / "python").symlink_to("python3")
    (tmp_path / "short").symlink_to(tmp_path / "real")
    (tmp_path / "up").symlink_to("real/../short")
    found = follow(f"{tmp_path}/up//./bin/python")
    assert found == (
        f"{tmp_path}/real/bin/python3",
        [
            (f"{tmp_path}/up", "real/../short"),
            (f"{tmp_path}/short", f"{tmp_path}/real"),
            (f"{tmp_path}/real/bin/python", "python3"),
        ],
    )


@pytest.mark.parametrize(("target", "code"), [("loop", errno.ELOOP), ("nothing", errno.ENOENT)])
def test_follow_fails_where_nothing_is(tmp_path: Path, target: str, code: int) -> None:
    (tmp_path / "loop").symlink_to(target)
    with pytest.raises(OSError) as caught:
        follow(str(tmp_path / "loop"))
    assert caught.value.errno == code
