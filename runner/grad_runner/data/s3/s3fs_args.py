"""The arguments and the environment of s3fs. Pure. Every text here has passed the grammar; keys are in the environment only,
where other users cannot read them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import cast
from urllib.parse import urlsplit

from grad_runner.data.dataset_spec import DatasetSpec, S3Source

CONNECT_TIMEOUT_SECONDS = 3
READ_TIMEOUT_SECONDS = 10
RETRIES = 2
STAT_CACHE_SECONDS = 60
"""For so long the attributes of an object that has changed may still be the old ones."""
PARALLEL_READS = 8
KEEP_FREE_MIB = 512
"""Free space that s3fs leaves on the disk on which it stores parts of open files."""

PROXY_NAMES = ("http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY")
REFUSING_PROXY = "refused://redirect"
"""A proxy of a kind that does not exist: curl gives up without connecting to anything."""

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is the same for all datasets of a component."""

    version: Version
    uid: int
    gid: int
    cache_dir: str
    by_component: bool = False
    """The mount component mounts, and learns from libfuse's helper when s3fs has ended."""


def s3fs_argv(spec: DatasetSpec, at: str, settings: Settings) -> list[str]:
    """The command line that mounts `spec` on the folder `at`. It depends on which keys there are but contains none."""
    source, keys = cast(S3Source, spec.source), spec.keys
    umask = "0022" if spec.writable else "0222"
    bucket = f"{source.bucket}:/{source.prefix}" if source.prefix else source.bucket
    options = [
        *(() if spec.writable else ("ro",)),
        "allow_other",
        f"uid={settings.uid}",
        f"gid={settings.gid}",
        f"umask={umask}",
        f"mp_umask={umask}",
        f"url={source.url}",
        f"endpoint={source.region}",
        "sigv4",
        f"retries={RETRIES}",
        f"connect_timeout={CONNECT_TIMEOUT_SECONDS}",
        f"readwrite_timeout={READ_TIMEOUT_SECONDS}",
        f"parallel_count={PARALLEL_READS}",
        f"stat_cache_expire={STAT_CACHE_SECONDS}",
        # Reads are cached in the kernel's page cache, and pages of an object that has changed are dropped. Not use_cache: it
        # serves the old bytes of an object that was replaced by one of the same size, and confuses two prefixes of one bucket.
        "auto_cache",
        f"tmpdir={_escape(settings.cache_dir)}",
        f"ensure_diskfree={KEEP_FREE_MIB}",
    ]
    if settings.by_component:
        options.append("auto_unmount")
    if source.by_path:
        options.append("use_path_request_style")
    if keys is None:
        options.append("public_bucket=1")
    elif keys.session_token:
        options.append("use_session_token")
    if settings.version >= (1, 92):
        # Shows folders that exist only as a part of keys; up to 1.91 s3fs always does, and does not know the option.
        options.append("compat_dir")
    return ["s3fs", "-f", bucket, at, "-o", ",".join(options)]


def s3fs_env(spec: DatasetSpec, ours: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of s3fs. Of `ours` it gets only proxies and certificates; HOME is a folder that does not exist, so
    that s3fs reads no user's key files.

    s3fs follows redirects, with the signature and the session token, and has no option against it. So requests to any other host
    than the endpoint go to a proxy that refuses them. Where requests go through a proxy of the user, that proxy decides.
    """
    source, keys = cast(S3Source, spec.source), spec.keys
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}
    proxies = {name: ours[name] for name in PROXY_NAMES if name in ours}
    env |= proxies or {
        **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), REFUSING_PROXY),
        "no_proxy": ",".join(_spellings(urlsplit(source.url).hostname or "")),
    }
    if "SSL_CERT_FILE" in ours:
        env["CURL_CA_BUNDLE"] = ours["SSL_CERT_FILE"]
    if keys is None:
        return env
    env["AWS_ACCESS_KEY_ID"] = keys.access_key_id
    env["AWS_SECRET_ACCESS_KEY"] = keys.secret_access_key
    if keys.session_token:
        env["AWS_SESSION_TOKEN"] = keys.session_token
    return env


def _spellings(host: str) -> list[str]:
    """The host as curl may compare it: an address in its shortest form, a name with or without its last dot."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        return [host.removesuffix("."), f"{host.removesuffix('.')}."]


def _escape(path: str) -> str:
    """libfuse splits options at commas, unless a backslash precedes."""
    return path.replace("\\", "\\\\").replace(",", "\\,")


def parse_version(output: str) -> Version | None:
    """From the output of `s3fs --version`; None when it has no version."""
    found = re.search(r"\bV(\d+)\.(\d+)", output)
    return (int(found[1]), int(found[2])) if found else None
