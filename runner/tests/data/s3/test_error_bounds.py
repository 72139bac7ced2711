"""Which refusal an S3 answer becomes, at the bounds between them; test_errors.py has the answers of real servers."""

import pytest
from botocore import exceptions

from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.keys import Keys
from grad_runner.data.s3.errors import from_s3, may_not_read, may_not_write

LAKE = S3Source("http://s3.test:9000", "us-east-1", "lake", "flights", True)
WITH_KEYS = DatasetSpec("flights", LAKE, Keys("AKID", "the-secret"))
ANONYMOUS = DatasetSpec("flights", LAKE)
NO_ENDPOINT = "Check that it is an S3 endpoint."
PROBLEM = "The server has a problem, or it is not an S3 endpoint."


def refusal(code: str, status: int) -> exceptions.ClientError:
    return exceptions.ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "ListObjectsV2"
    )


@pytest.mark.parametrize(
    ("code", "status", "want", "shown"),
    [
        ("", 404, "dataset_bucket_not_found", "(404)"),
        ("NoSuchKey", 404, "dataset_unreachable", "answered 404 NoSuchKey"),
        ("", 405, "dataset_unreachable", "answered 405"),
        ("", 400, "dataset_unreachable", "answered 400"),
        ("Odd", 400, "dataset_unreachable", "answered 400 Odd"),
        ("", 401, "dataset_access_denied", "(401)"),
        ("Odd", 401, "dataset_access_denied", "(Odd)"),
        ("Odd", 402, "dataset_unreachable", "answered 402 Odd"),
        ("", 403, "dataset_access_denied", "(403)"),
        ("Odd", 403, "dataset_access_denied", "(Odd)"),
        ("AccessDenied", 400, "dataset_access_denied", "(AccessDenied)"),
    ],
)
def test_a_refusal_depends_on_the_code_and_without_one_on_the_status(
    code: str, status: int, want: str, shown: str
) -> None:
    error = from_s3(WITH_KEYS, refusal(code, status))
    assert error.code == want
    assert error.message.endswith(shown)


def test_only_a_status_of_400_asks_an_anonymous_reader_for_credentials() -> None:
    assert from_s3(ANONYMOUS, refusal("Odd", 400)).code == "dataset_access_denied"
    for status in (399, 402, 405):
        assert from_s3(ANONYMOUS, refusal("Odd", status)).code == "dataset_unreachable"


@pytest.mark.parametrize(("status", "hint"), [(499, NO_ENDPOINT), (500, PROBLEM), (501, PROBLEM)])
def test_a_status_from_500_on_is_a_problem_of_the_server(status: int, hint: str) -> None:
    assert from_s3(WITH_KEYS, refusal("Odd", status)).hint == hint


def test_an_answer_without_a_status_is_none_of_s3() -> None:
    error = from_s3(WITH_KEYS, exceptions.ClientError({}, "ListObjectsV2"))
    assert (error.code, error.hint) == ("dataset_unreachable", NO_ENDPOINT)
    assert error.message.endswith("http://s3.test:9000 answered 0")


@pytest.mark.parametrize(
    ("cause", "hint"),
    [
        ("Name or service not known", "Check the endpoint's spelling."),
        ("Temporary failure in name resolution", "Check the endpoint's spelling."),
        ("Failed to resolve 's3.test'", "Check the endpoint's spelling."),
        (
            "Connection refused",
            "Check endpoint and network; the dataset is attached as soon as the endpoint answers.",
        ),
    ],
)
def test_a_name_that_cannot_be_resolved_is_known_by_each_of_its_texts(cause: str, hint: str) -> None:
    error = exceptions.EndpointConnectionError(endpoint_url="http://s3.test:9000/lake", error=cause)
    assert from_s3(WITH_KEYS, error).hint == hint


def test_keys_that_may_not_read_or_write_are_denied_with_what_they_need() -> None:
    read = may_not_read(WITH_KEYS)
    assert (read.code, "s3:GetObject" in read.hint) == ("dataset_access_denied", True)
    assert read.message.endswith("(AccessDenied)")
    write = may_not_write(WITH_KEYS, "Odd")
    assert write.code == "dataset_access_denied"
    assert "its keys may not write" in write.message and write.message.endswith("(Odd)")
    assert "s3:PutObject" in write.hint
    anonymous = may_not_write(ANONYMOUS, "Odd")
    assert "anonymous requests may not write" in anonymous.message
    assert anonymous.hint == "Name credentials in the dataset's file, or set `access: read-only`."
