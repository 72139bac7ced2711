"""From the wire's S3Source to what may be attached."""

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DEFAULT_REGION, S3Source
from grad_runner.data.keys import Keys
from grad_runner.data.s3 import grammar
from grad_runner.gen.grad.v1 import dataset_pb2


def parse_source(name: str, s3: dataset_pb2.S3Source) -> S3Source:
    """`name` is the dataset's, for messages. Raises GradError `dataset_invalid`."""
    region = s3.region or DEFAULT_REGION
    checks = (
        (
            grammar.endpoint_fault(s3.endpoint),
            "Write it like http://127.0.0.1:9000, or leave it out for AWS.",
        ),
        (grammar.region_fault(region), f"Leave it out for {DEFAULT_REGION}."),
        (grammar.bucket_fault(s3.bucket), "Write the bucket's name only; a path in the bucket is `prefix`."),
        (
            grammar.prefix_fault(s3.prefix),
            "Write it like flights/2013, or leave it out for the whole bucket.",
        ),
    )
    for fault, hint in checks:
        if fault is not None:
            raise GradError("dataset_invalid", f'Cannot attach dataset "{name}": {fault}', hint)
    return S3Source(s3.endpoint, region, s3.bucket, s3.prefix, s3.path_style)


def parse_keys(name: str, s3: dataset_pb2.S3Source) -> Keys | None:
    """None for anonymous access. Raises GradError `dataset_credentials_invalid`, which shows no part of a key."""
    if not s3.HasField("credentials"):
        return None
    given = s3.credentials
    if not given.access_key_id or not given.secret_access_key:
        raise GradError(
            "dataset_credentials_invalid",
            f'Cannot attach dataset "{name}": its keys are incomplete',
            "Give both the access key id and the secret access key.",
        )
    texts = (given.access_key_id, given.secret_access_key, given.session_token)
    if any(grammar.key_fault(text) for text in texts):
        raise GradError(
            "dataset_credentials_invalid",
            f'Cannot attach dataset "{name}": its keys have a blank or control character',
            "Check whether a line end or a quote was copied along with them.",
        )
    return Keys(*texts, given.expires_at_seconds)
