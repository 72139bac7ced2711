"""Turns failures of S3 and of the connection to it into our codes. Pure; the only module that knows S3's error codes."""

from typing import Any, Final, cast

from botocore import exceptions

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.keys import keys_expired
from grad_runner.data.s3.bounded_session import OversizedAnswerError
from grad_runner.data.s3.client import REDIRECTS
from grad_runner.data.s3.grammar import region_fault

_EXPIRED: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"}
)
_KEYS: Final = frozenset(
    {
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "InvalidToken",
        "InvalidSecurity",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "CredentialsNotSupported",
        "InvalidRequest",
    }
)
_CLOCK: Final = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture"})
_REGION: Final = frozenset(
    {
        "PermanentRedirect",
        "TemporaryRedirect",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "301",
        "307",
    }
)
_BUCKET: Final = frozenset({"NoSuchBucket", "404"})
_DENIED: Final = frozenset(
    {"AccessDenied", "AllAccessDisabled", "AccountProblem", "NotSignedUp", "InvalidObjectState", "403"}
)


def from_s3(spec: DatasetSpec, error: Exception) -> GradError:
    """The failure to report; `error` is one of S3_FAILURES, raised by a request for this dataset."""
    source = cast(S3Source, spec.source)
    if isinstance(error, exceptions.ClientError):
        return _refused(spec, source, cast(dict[str, Any], error.response))
    return _not_reached(spec, source, error)


def _refused(spec: DatasetSpec, source: S3Source, response: dict[str, Any]) -> GradError:
    code = str(response.get("Error", {}).get("Code", ""))
    meta = response.get("ResponseMetadata", {})
    status = int(meta.get("HTTPStatusCode", 0))
    begin = f'Cannot attach dataset "{spec.name}":'
    if code in _EXPIRED:
        return keys_expired(spec.name)
    if code in _CLOCK:
        return GradError(
            "dataset_credentials_invalid",
            f"{begin} {source.url} refused the signature, because this machine's clock differs from its own ({code})",
            "Correct the clock (`timedatectl` shows whether it is synchronised).",
        )
    if code in _REGION:
        there = meta.get("HTTPHeaders", {}).get("x-amz-bucket-region") or response.get("Error", {}).get(
            "Region", ""
        )
        if region_fault(there) is None:
            return wrong_region(spec, there)
        return redirects(spec, status) if status in REDIRECTS else wrong_region(spec, "")
    if status in REDIRECTS:
        return redirects(spec, status)
    if code in _KEYS and spec.keys is not None:
        return GradError(
            "dataset_credentials_invalid",
            f"{begin} {source.url} refused its keys ({code})",
            "Check the credentials that the dataset names; a key of another account or endpoint gives the same error.",
        )
    if code in _BUCKET or (status == 404 and not code):
        return GradError(
            "dataset_bucket_not_found",
            f'{begin} there is no bucket "{source.bucket}" at {source.url} ({code or status})',
            "Check bucket, endpoint and region.",
        )
    unsigned = spec.keys is None and status == 400  # what some servers answer when a signature is missing
    if code in _DENIED or status in (401, 403) or unsigned:
        return _denied(spec, source, code or str(status))
    return GradError(
        "dataset_unreachable",
        f"{begin} {source.url} answered {status}{f' {code}' if code and code != str(status) else ''}",
        "The server has a problem, or it is not an S3 endpoint."
        if status >= 500
        else "Check that it is an S3 endpoint.",
    )


def _denied(spec: DatasetSpec, source: S3Source, code: str) -> GradError:
    if spec.keys is None:
        return GradError(
            "dataset_access_denied",
            f'Cannot attach dataset "{spec.name}": {source.shown} is not open to anonymous readers ({code})',
            "Name credentials in the dataset's file.",
        )
    return GradError(
        "dataset_access_denied",
        f'Cannot attach dataset "{spec.name}": its keys may not list or read {source.shown} ({code})',
        "Ask for s3:ListBucket on the bucket and s3:GetObject on what is below the prefix.",
    )


def wrong_region(spec: DatasetSpec, there: str) -> GradError:
    """`there` is the bucket's region, empty when S3 did not name it."""
    source = cast(S3Source, spec.source)
    return GradError(
        "dataset_bucket_not_found",
        f'Cannot attach dataset "{spec.name}": bucket "{source.bucket}" is not in region {source.region}',
        f"Set region: {there}." if there else "Set the region that the bucket is in.",
    )


def redirects(spec: DatasetSpec, status: int) -> GradError:
    """For an endpoint that sends its callers elsewhere: with the request, a signature and a session token would go there."""
    source = cast(S3Source, spec.source)
    return GradError(
        "dataset_endpoint_refused",
        f'Cannot attach dataset "{spec.name}": {source.url} answers with a redirect to another address ({status})',
        "Name the endpoint that the bucket is at: no redirect is followed.",
    )


def may_not_read(spec: DatasetSpec) -> GradError:
    """For keys that may list but not get."""
    return _denied(spec, cast(S3Source, spec.source), "AccessDenied")


def may_not_write(spec: DatasetSpec, code: str) -> GradError:
    """For keys that may read a dataset but not write it; `code` is S3's."""
    source = cast(S3Source, spec.source)
    if spec.keys is None:
        who, hint = "anonymous requests", "Name credentials in the dataset's file"
    else:
        who, hint = "its keys", "Ask for s3:PutObject and s3:DeleteObject on what is below the prefix"
    return GradError(
        "dataset_access_denied",
        f'Cannot attach dataset "{spec.name}" read-write: {who} may not write {source.shown} ({code})',
        f"{hint}, or set `access: read-only`.",
    )


def unreachable(spec: DatasetSpec, why: str, hint: str = "") -> GradError:
    source = cast(S3Source, spec.source)
    return GradError(
        "dataset_unreachable",
        f'Cannot reach the S3 endpoint of dataset "{spec.name}": {source.url} {why}',
        hint or "Check endpoint and network; the dataset is attached as soon as the endpoint answers.",
    )


def _not_reached(spec: DatasetSpec, source: S3Source, error: Exception) -> GradError:
    # The order matters: SSLError is a ConnectionError, and timeouts are HTTPClientErrors.
    if isinstance(error, exceptions.SSLError):
        return unreachable(
            spec,
            "has no certificate that this machine trusts",
            "Check the endpoint's name, or whether it speaks http instead of https.",
        )
    if isinstance(error, exceptions.ConnectTimeoutError | exceptions.ReadTimeoutError):
        return unreachable(spec, "did not answer in time")
    if isinstance(error, exceptions.EndpointConnectionError):
        cause = str(error.kwargs.get("error", ""))
        if "Name or service not known" in cause or "name resolution" in cause or "resolve" in cause:
            return unreachable(spec, "has a name that cannot be resolved", "Check the endpoint's spelling.")
        return unreachable(spec, "refused the connection")
    if isinstance(error, OversizedAnswerError):
        return unreachable(
            spec, "answers with more than S3 does, or too slowly", "Check that it is an S3 endpoint."
        )
    if isinstance(
        error, exceptions.ConnectionClosedError | exceptions.HTTPClientError | exceptions.ConnectionError
    ):
        return unreachable(
            spec, "closed the connection", "Check that it is an S3 endpoint, and http or https."
        )
    # Otherwise there was an answer, but not one of S3.
    return unreachable(spec, "does not answer as S3 does", "Check that it is an S3 endpoint.")
