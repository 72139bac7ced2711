"""Whether keys may write below a prefix, found out without leaving an object there.

The probe begins a multipart upload and aborts it: that needs the right to put objects, creates none on any server, and every
server on which s3fs can write large files supports it. (A put that must fail, because of a wrong digest or an If-Match that
nothing fulfils, creates an object on servers that ignore those headers.)

Not found out: the right to delete (s3:DeleteObject), which removing and renaming need, because the delete of a key that does not
exist leaves a marker in a bucket with versions; and the right to write certain keys below the prefix, where a policy treats them
differently. Both show as errors of the file operation; see mounter.py.
"""

from typing import cast

from botocore.exceptions import ClientError

from grad_runner.common.log import log
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.s3.client import S3_FAILURES, Client
from grad_runner.data.s3.errors import may_not_write

PROBE_NAME = ".grad-write-check"


def require_writable(spec: DatasetSpec, client: Client) -> None:
    """Raises GradError `dataset_access_denied` when S3 refuses. Returns also when that stays unknown, as with a server that
    has no multipart uploads. For a dataset that could be listed. Raises what botocore raises when S3 is not reached."""
    source = cast(S3Source, spec.source)
    at = {"Bucket": source.bucket, "Key": f"{source.prefix}/{PROBE_NAME}".lstrip("/")}
    try:
        begun = client.create_multipart_upload(**at)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        code = error.response["Error"].get("Code") or str(status)
        unsigned = spec.keys is None and status == 400  # what some servers answer when a signature is missing
        if status in (401, 403) or unsigned:
            raise may_not_write(spec, code) from error
        log("info", "write_probe.unknown", dataset=spec.name, status=status, code=code)
        return
    try:
        client.abort_multipart_upload(**at, UploadId=begun["UploadId"])
    except S3_FAILURES as error:
        # Only where a policy denies s3:AbortMultipartUpload. What is left is no object and is not listed as one.
        log("warn", "write_probe.left", dataset=spec.name, upload=begun["UploadId"], error=repr(error))
