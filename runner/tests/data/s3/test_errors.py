import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.keys import Keys
from grad_runner.data.s3.errors import from_s3
from grad_runner.data.s3.preflight import is_file_path, most_similar, require_region

LAKE = S3Source("http://s3.test:9000", "us-east-1", "lake", "flights", True)
WITH_KEYS = DatasetSpec("flights", LAKE, Keys("AKID", "the-secret"))
ANONYMOUS = DatasetSpec("flights", LAKE)


def refusal(code: str, status: int, **headers: str) -> exceptions.ClientError:
    meta = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    return exceptions.ClientError({"Error": {"Code": code}, "ResponseMetadata": meta}, "ListObjectsV2")


URL = "http://s3.test:9000/lake"


@pytest.mark.parametrize(
    ("error", "code", "hint"),
    [
        (refusal("InvalidAccessKeyId", 403), "dataset_credentials_invalid", "Check the credentials"),
        (refusal("SignatureDoesNotMatch", 403), "dataset_credentials_invalid", "Check the credentials"),
        (refusal("InvalidToken", 400), "dataset_credentials_invalid", "Check the credentials"),
        (refusal("RequestTimeTooSkewed", 403), "dataset_credentials_invalid", "clock"),
        (refusal("ExpiredToken", 400), "dataset_credentials_expired", "Log in again"),
        (refusal("TokenRefreshRequired", 400), "dataset_credentials_expired", "Log in again"),
        (refusal("AccessDenied", 403), "dataset_access_denied", "s3:ListBucket"),
        (refusal("403", 403), "dataset_access_denied", "s3:ListBucket"),
        (refusal("NoSuchBucket", 404), "dataset_bucket_not_found", "Check bucket"),
        (
            refusal("PermanentRedirect", 301, **{"x-amz-bucket-region": "eu-west-1"}),
            "dataset_bucket_not_found",
            "Set region: eu-west-1.",
        ),
        (refusal("AuthorizationHeaderMalformed", 400), "dataset_bucket_not_found", "Set the region"),
        (
            refusal("PermanentRedirect", 301, **{"x-amz-bucket-region": "\x1b]0;x"}),
            "dataset_endpoint_refused",
            "no redirect is followed",
        ),
        (refusal("307", 307), "dataset_endpoint_refused", "no redirect is followed"),
        (refusal("SlowDown", 503), "dataset_unreachable", "has a problem"),
        (refusal("405", 405), "dataset_unreachable", "S3 endpoint"),
        (
            exceptions.EndpointConnectionError(endpoint_url=URL, error="refused"),
            "dataset_unreachable",
            "network",
        ),
        (
            exceptions.EndpointConnectionError(endpoint_url=URL, error="Name or service not known"),
            "dataset_unreachable",
            "spelling",
        ),
        (exceptions.ConnectTimeoutError(endpoint_url=URL, error="x"), "dataset_unreachable", "network"),
        (exceptions.ReadTimeoutError(endpoint_url=URL, error="x"), "dataset_unreachable", "network"),
        (exceptions.SSLError(endpoint_url=URL, error="x"), "dataset_unreachable", "https"),
        (
            exceptions.ConnectionClosedError(endpoint_url=URL, error="x"),
            "dataset_unreachable",
            "http or https",
        ),
        (ResponseParserError("<html>"), "dataset_unreachable", "S3 endpoint"),
    ],
    ids=lambda value: value.__class__.__name__ if isinstance(value, Exception) else None,
)
def test_from_s3_gives_code_dataset_and_next_step(error: Exception, code: str, hint: str) -> None:
    found = from_s3(WITH_KEYS, error)
    assert found.code == code
    assert '"flights"' in found.message
    assert hint in found.hint
    assert "the-secret" not in found.message + found.hint


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("UnsupportedAlgorithm", 400)])
def test_from_s3_hints_at_credentials_for_an_anonymous_reader(code: str, status: int) -> None:
    error = from_s3(ANONYMOUS, refusal(code, status))
    assert error.code == "dataset_access_denied" and "credentials" in error.hint


@pytest.mark.parametrize(
    ("endpoint", "headers", "refused"),
    [
        ("", {}, False),
        ("", {"x-amz-bucket-region": "us-east-1"}, False),
        ("", {"x-amz-bucket-region": "eu-west-1"}, True),
        (
            "http://s3.test",
            {"x-amz-bucket-region": "eu-west-1"},
            False,
        ),  # others call their regions as they like
    ],
)
def test_require_region_refuses_a_bucket_in_another_region(
    endpoint: str, headers: dict[str, str], refused: bool
) -> None:
    spec = DatasetSpec("flights", S3Source(endpoint, "us-east-1", "lake", "", False))
    if not refused:
        require_region(spec, headers)
        return
    with pytest.raises(GradError) as raised:
        require_region(spec, headers)
    assert raised.value.hint == "Set region: eu-west-1."


def test_most_similar_suggests_three_names_at_most() -> None:
    names = ["weather", "flight-plans", "flights", "fights", "lights"]
    assert most_similar("flight", names) == ["flights", "lights", "fights"]
    assert most_similar("flight", []) == []


@pytest.mark.parametrize(
    ("key", "is_one"),
    [
        ("a", True),
        ("a/b.txt", True),
        ("a/", False),
        ("", False),
        ("a//b", False),
        ("../a", False),
        ("a" * 255, True),
        ("a" * 256, False),
        ("a/" + "ü" * 127, True),
        ("ü" * 128, False),
    ],
)
def test_is_file_path_accepts_what_a_mount_can_show(key: str, is_one: bool) -> None:
    assert is_file_path(key) is is_one
