"""Whether keys may write below a prefix, asked without leaving an object there.

Asked is by beginning a multipart upload and giving it up: that takes the right to put objects, makes none on any server,
and every server that s3fs can write large files to has it. (A put that must fail, by a wrong digest or an If-Match that
nothing fulfils, makes an object where a server does not look at those headers.)

What stays unknown: the right to delete (s3:DeleteObject), which removing and renaming need; a delete of a key that does not
exist leaves a marker in a bucket with versions, so it is not tried. And the right to write some keys below the prefix, where
a policy tells them apart. Both show as errors of the file operation; see s3_mounter.py.
"""

from typing import cast

from botocore.exceptions import ClientError

from grad_runner.common.log import log
from grad_runner.data.dataset_spec import DatasetSpec, S3Source
from grad_runner.data.s3.client import S3_FAILURES, Client
from grad_runner.data.s3.errors import may_not_write

PROBE_NAME = ".grad-write-check"


def require_writable(spec: DatasetSpec, client: Client) -> None:
    """Raises GradError `dataset_access_denied` when S3 says no; says nothing when it does not say (a server without
    multipart uploads). For a dataset that has listed already. Raises what botocore raises when S3 is not reached."""
    source = cast(S3Source, spec.source)
    at = {"Bucket": source.bucket, "Key": f"{source.prefix}/{PROBE_NAME}".lstrip("/")}
    try:
        begun = client.create_multipart_upload(**at)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        code = error.response["Error"].get("Code") or str(status)
        unsigned = spec.keys is None and status == 400  # how some servers say that a signature is missing
        if status in (401, 403) or unsigned:
            raise may_not_write(spec, code) from error
        log("info", "write_probe.unknown", dataset=spec.name, status=status, code=code)
        return
    try:
        client.abort_multipart_upload(**at, UploadId=begun["UploadId"])
    except S3_FAILURES as error:
        # Who began an upload may give it up, unless a policy denies just that. It is no object and is never listed as one.
        log("warn", "write_probe.left", dataset=spec.name, upload=begun["UploadId"], error=repr(error))
