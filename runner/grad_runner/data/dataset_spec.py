"""A dataset as it was requested, after it has been found valid."""

from dataclasses import dataclass

from grad_runner.data.keys import Keys

DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class S3Source:
    """A bucket, or what is below a prefix of it.

    `endpoint` is empty for AWS. `prefix` neither begins nor ends with a slash; it is empty for the whole bucket.
    """

    endpoint: str
    region: str
    bucket: str
    prefix: str
    path_style: bool

    @property
    def url(self) -> str:
        """The endpoint's scheme, host and, where it is not the scheme's own, port."""
        if self.endpoint:
            return self.endpoint
        domain = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"https://s3.{self.region}.{domain}"

    @property
    def by_path(self) -> bool:
        """Whether requests name the bucket in their path and not in the host: no wildcard certificate covers a name with dots."""
        return self.path_style or "." in self.bucket

    @property
    def shown(self) -> str:
        """For messages: s3://bucket/prefix."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class DirectorySource:
    """A folder of the machine that this component runs on."""

    path: str


Source = S3Source | DirectorySource


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    """A dataset that is to be attached. Without keys, S3 requests are anonymous."""

    name: str
    source: Source
    keys: Keys | None = None
    writable: bool = False
    """Whether code may write into the source (access: read-write)."""
