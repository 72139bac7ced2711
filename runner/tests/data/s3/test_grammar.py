from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.data.dataset_name import name_fault
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.directory.grammar import path_fault
from grad_runner.data.s3 import grammar
from grad_runner.data.s3.s3fs_args import Settings, s3fs_argv

LONGEST_HOST = ".".join(["a" * 63] * 3 + ["a" * 61])
"""253 characters."""

GOOD: list[tuple[Callable[[str], str | None], list[str]]] = [
    (name_fault, ["a", "ab", "flights", "f-1", "a" * 40]),
    (
        grammar.endpoint_fault,
        [
            "",
            "http://127.0.0.1:9000",
            "https://s3.example.com",
            "http://localhost",
            "http://[::1]:80",
            "http://[2001:db8::]:80",
            "http://a:1",
            "http://a:65535",
            "http://1.example.com",
            f"http://{'a' * 63}",
            f"http://{LONGEST_HOST}",
            "https://a.b.",
        ],
    ),
    (grammar.region_fault, ["a", "a" * 63, "us-east-1", "auto", "cn-north-1", "RegionOne"]),
    (grammar.bucket_fault, ["lake", "my.lake-1", "a1b", "x" * 63]),
    (
        grammar.prefix_fault,
        ["", "x" * 900, "ü" * 450, "a", "a/b", "year=2013/month=1", "a b/c+d", "über/daten", "data(1)/x~y@z"],
    ),
    (path_fault, ["/data", "/home/me/my data", "/a/"]),
    (grammar.key_fault, ["", "AKIAEXAMPLE", "a/b+c=="]),
]
BAD: list[tuple[Callable[[str], str | None], list[str]]] = [
    (name_fault, ["", "A", "1a", "a-", "a_b", "a" * 41, "a\n", "a/b", "..", "ä"]),
    (
        grammar.endpoint_fault,
        [
            *(
                "ftp://a",
                "a:9000",
                "http://",
                "http://a/",
                "http://a/b",
                "http://u:p@a",
                "http://a:0",
                "http://a:65536",
                "http://a:065535",
                f"http://{'a' * 64}",
                f"http://{LONGEST_HOST}a",
            ),
            *(
                "http://a:",
                "http://a?x",
                "http://a,b",
                "http://a b",
                "http://-a",
                "http://a..b",
                "http://1.2.3",
            ),
            *(
                "http://1.2.3.256",
                "http://[::g]",
                "http://[1]",
                "HTTP://a",
                "http://a\n",
                "http://ä",
                "http://a_b",
            ),
        ],
    ),
    (grammar.region_fault, ["", "-a", "us east", "us,east", "a" * 64, "ü", "a\n"]),
    (
        grammar.bucket_fault,
        ["", "ab", "x" * 64, "Lake", "a_b", "-ab", "ab-", "a..b", "a.-b", "127.0.0.1", "a/b", "lake\n"],
    ),
    (
        grammar.prefix_fault,
        [
            "/a",
            "a/",
            "/",
            "a//b",
            "a/./b",
            "..",
            "a/..",
            "a\\b",
            "a\0",
            "a\nb",
            'a"b',
            "a*b",
            "a[1]",
            "x" * 901,
            "ü" * 451,
            "\ud800",
        ],
    ),
    (path_fault, ["", "a", "/", "//", "//a", "/a/../b", "/a\0", "/.."]),
    (grammar.key_fault, ["a b", "a\n", "ü", "\x7f"]),
]


@pytest.mark.parametrize(("fault", "text"), [(fault, text) for fault, texts in GOOD for text in texts])
def test_faults_are_none_for_allowed_texts(fault: Callable[[str], str | None], text: str) -> None:
    assert fault(text) is None


@pytest.mark.parametrize(("fault", "text"), [(fault, text) for fault, texts in BAD for text in texts])
def test_faults_refuse_other_texts(fault: Callable[[str], str | None], text: str) -> None:
    assert fault(text)


TEXT = st.text(st.characters(codec=None), max_size=40) | st.text("ahtp:/.[]1-=,\\ \n", max_size=20)


@given(TEXT, TEXT, TEXT)
def test_allowed_texts_stay_one_argument_and_add_no_option(endpoint: str, bucket: str, prefix: str) -> None:
    endpoint = f"http://{endpoint}"
    if grammar.endpoint_fault(endpoint) or grammar.bucket_fault(bucket) or grammar.prefix_fault(prefix):
        return
    assert urlsplit(endpoint).netloc == endpoint.removeprefix("http://")
    source = S3Source(endpoint, "us-east-1", bucket, prefix, True)
    plain = S3Source("http://a", "us-east-1", "lake", "", True)
    settings = Settings((1, 90), 1000, 1000, "/c")
    argv, other = (s3fs_argv(DatasetSpec("x", one), "/at", settings) for one in (source, plain))
    assert len(argv) == len(other)
    assert len(argv[-1].split(",")) == len(other[-1].split(","))
    assert argv[2].partition(":/")[0] == bucket and not argv[2].startswith("-")


@given(st.lists(st.text("abc.=-", min_size=1, max_size=5), min_size=1, max_size=4).map("/".join))
def test_prefix_fault_refuses_parts_of_dots_only(prefix: str) -> None:
    parts = prefix.split("/")
    assert (grammar.prefix_fault(prefix) is None) == (not {".", ".."} & set(parts))


@pytest.mark.parametrize("prefix", ["/a", "a/"])
def test_prefix_fault_names_a_slash_at_either_end(prefix: str) -> None:
    assert grammar.prefix_fault(prefix) == "prefix begins or ends with a slash"
