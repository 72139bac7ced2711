from grad_runner.common.mounts import is_covered, mounts_below

TABLE = """\
22 1 0:20 / /proc rw - proc proc rw
30 22 0:21 / /run/r/data rw shared:1 - ext4 /dev/vda rw
31 30 0:22 / /run/r/data/flights ro shared:2 - fuse.s3fs s3fs ro
32 30 0:23 / /run/r/data/a\\040b ro shared:3 - fuse.s3fs s3fs ro
33 22 0:24 / /run/r/database rw - ext4 /dev/vda rw
"""


def test_mounts_below_lists_the_folder_last_and_no_neighbour() -> None:
    assert mounts_below(TABLE, "/run/r/data") == ["/run/r/data/a b", "/run/r/data/flights", "/run/r/data"]


def test_is_covered_knows_the_folders_that_are_hidden_and_no_neighbour() -> None:
    table = TABLE + "35 22 0:25 / /root rw,nosuid - tmpfs grad-cover rw,size=1024k,mode=711\n"
    for path, covered in (("/root", True), ("/root/data", True), ("/rooted", False), ("/run/r/data", False)):
        assert is_covered(table, path) is covered
