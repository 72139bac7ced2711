from collections.abc import Mapping

import pytest

from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.keys import Keys
from grad_runner.data.s3.s3fs_args import Settings, parse_version, s3fs_argv, s3fs_env

SETTINGS = Settings((1, 90), 1000, 1000, "/var/cache/r1")
LAKE = S3Source("http://127.0.0.1:9000", "us-east-1", "lake", "flights/2013", True)
STATIC = Keys("AKID", "static-secret")
SESSION = Keys("ASIA", "session-secret", "session-token", 99)

GOLDEN = [
    "s3fs",
    "-f",
    "lake:/flights/2013",
    "/run/r1/data.staging/flights.1",
    "-o",
    "ro,allow_other,uid=1000,gid=1000,umask=0222,mp_umask=0222,url=http://127.0.0.1:9000,endpoint=us-east-1,sigv4,"
    "retries=2,connect_timeout=3,readwrite_timeout=10,parallel_count=8,stat_cache_expire=60,auto_cache,"
    "tmpdir=/var/cache/r1,ensure_diskfree=512,use_path_request_style",
]


def argv(source: S3Source, keys: Keys | None, at: str = "/at", settings: Settings = SETTINGS) -> list[str]:
    return s3fs_argv(DatasetSpec("flights", source, keys), at, settings)


def env(source: S3Source, keys: Keys | None, ours: Mapping[str, str] | None = None) -> dict[str, str]:
    return s3fs_env(DatasetSpec("flights", source, keys), ours or {})


def options(source: S3Source, keys: Keys | None, settings: Settings = SETTINGS) -> list[str]:
    return argv(source, keys, settings=settings)[-1].split(",")


def test_s3fs_argv_has_exactly_these_arguments() -> None:
    assert argv(LAKE, STATIC, "/run/r1/data.staging/flights.1") == GOLDEN


def test_s3fs_argv_for_read_write_differs_only_in_rights() -> None:
    changed = {"ro": [], "umask=0222": ["umask=0022"], "mp_umask=0222": ["mp_umask=0022"]}
    writable = s3fs_argv(DatasetSpec("flights", LAKE, STATIC, writable=True), "/at", SETTINGS)[-1].split(",")
    assert writable == [each for option in options(LAKE, STATIC) for each in changed.get(option, [option])]


def test_s3fs_argv_mounts_a_whole_bucket_of_aws_by_host_name() -> None:
    lake = S3Source("", "eu-central-1", "lake", "", False)
    assert argv(lake, STATIC)[2] == "lake"
    assert "url=https://s3.eu-central-1.amazonaws.com" in options(lake, STATIC)
    assert "use_path_request_style" not in options(lake, STATIC)
    assert "url=https://s3.cn-north-1.amazonaws.com.cn" in options(
        S3Source("", "cn-north-1", "b", "", False), STATIC
    )


def test_s3fs_argv_addresses_a_bucket_with_dots_by_path() -> None:
    assert "use_path_request_style" in options(S3Source("", "us-east-1", "my.lake", "", False), STATIC)


@pytest.mark.parametrize(
    ("keys", "there", "absent"),
    [(None, "public_bucket=1", "use_session_token"), (SESSION, "use_session_token", "public_bucket=1")],
)
def test_s3fs_argv_depends_on_the_kind_of_keys(keys: Keys | None, there: str, absent: str) -> None:
    assert there in options(LAKE, keys)
    assert absent not in options(LAKE, keys)


def test_s3fs_argv_asks_for_implicit_folders_where_the_version_needs_it() -> None:
    assert "compat_dir" not in options(LAKE, STATIC, Settings((1, 91), 1000, 1000, "/c"))
    assert "compat_dir" in options(LAKE, STATIC, Settings((1, 92), 1000, 1000, "/c"))


def test_s3fs_argv_escapes_commas_of_a_folder() -> None:
    assert (
        r"tmpdir=/a\,allow_root\\"
        in argv(LAKE, STATIC, settings=Settings((1, 90), 1, 1, "/a,allow_root\\"))[-1]
    )


@pytest.mark.parametrize("keys", [None, STATIC, SESSION])
def test_s3fs_argv_never_contains_a_key(keys: Keys | None) -> None:
    said = " ".join(argv(LAKE, keys))
    assert "secret" not in said and "AKID" not in said and "ASIA" not in said and "session-token" not in said


def test_s3fs_env_contains_the_keys_and_no_home() -> None:
    plain = env(LAKE, None)
    assert plain == {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "refused://redirect"),
        "no_proxy": "127.0.0.1",
    }
    assert env(LAKE, STATIC).keys() - plain.keys() == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert env(LAKE, SESSION)["AWS_SESSION_TOKEN"] == "session-token"


@pytest.mark.parametrize(
    ("endpoint", "no_proxy"),
    [
        ("http://[0:0:0:0:0:0:0:1]:9000", "::1"),
        ("https://s3.test.", "s3.test,s3.test."),
        ("", "s3.us-east-1.amazonaws.com,s3.us-east-1.amazonaws.com."),
    ],
)
def test_s3fs_env_lets_only_the_endpoint_be_reached(endpoint: str, no_proxy: str) -> None:
    source = S3Source(endpoint, "us-east-1", "lake", "", True)
    assert env(source, None)["no_proxy"] == no_proxy
    behind = env(source, None, {"http_proxy": "http://proxy:1"})
    assert behind["http_proxy"] == "http://proxy:1" and "all_proxy" not in behind and "no_proxy" not in behind


def test_s3fs_env_takes_only_proxies_and_certificates_from_ours() -> None:
    ours = {
        "https_proxy": "http://proxy:1",
        "SSL_CERT_FILE": "/ca.pem",
        "HOME": "/home/me",
        "LD_PRELOAD": "x",
    }
    got = env(LAKE, None, ours)
    assert (got["https_proxy"], got["CURL_CA_BUNDLE"], got["HOME"]) == (
        "http://proxy:1",
        "/ca.pem",
        "/nonexistent",
    )
    assert "LD_PRELOAD" not in got


def test_keys_appear_in_no_representation() -> None:
    assert repr(SESSION) == "Keys(expires_at_seconds=99)"
    assert SESSION.redact("no session-secret for ASIA, session-token") == "no *** for ***, ***"


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("Amazon Simple Storage Service File System V1.90 (commit:unknown) with GnuTLS(gcrypt)", (1, 90)),
        ("Amazon Simple Storage Service File System V1.95 (commit:1234) with OpenSSL", (1, 95)),
        ("", None),
    ],
)
def test_parse_version_reads_the_output_of_s3fs(said: str, version: tuple[int, int] | None) -> None:
    assert parse_version(said) == version


def test_s3fs_argv_unmounts_by_itself_where_the_mount_component_has_mounted() -> None:
    by_component = Settings((1, 90), 1000, 1000, "/var/cache/r1", by_component=True)
    assert "auto_unmount" in options(LAKE, STATIC, by_component)
    assert "auto_unmount" not in options(LAKE, STATIC)
