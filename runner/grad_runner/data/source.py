"""What a dataset is, once it has been found valid."""

from dataclasses import dataclass, field

DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Keys:
    """S3 credentials. In no representation, so that no log and no traceback can show them."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    expires_at_seconds: int = 0
    """From the epoch; 0 means not known to expire."""

    def expired(self, now_seconds: float) -> bool:
        return 0 < self.expires_at_seconds <= now_seconds

    def redact(self, text: str) -> str:
        """`text` without any of the three, for words of programs that know them."""
        for secret in (self.secret_access_key, self.session_token, self.access_key_id):
            if secret:
                text = text.replace(secret, "***")
        return text


@dataclass(frozen=True, slots=True)
class S3Source:
    """A bucket, or what is below a prefix of it; `endpoint` is empty for AWS."""

    endpoint: str
    region: str
    bucket: str
    prefix: str
    path_style: bool

    @property
    def url(self) -> str:
        """Where the endpoint is: scheme, host and perhaps port."""
        if self.endpoint:
            return self.endpoint
        domain = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"https://s3.{self.region}.{domain}"

    @property
    def by_path(self) -> bool:
        """Whether the bucket stands in the path of requests; a name with dots fits no certificate."""
        return self.path_style or "." in self.bucket

    @property
    def shown(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class DirectorySource:
    """A folder of grad's machine."""

    path: str


Source = S3Source | DirectorySource


@dataclass(frozen=True, slots=True)
class Wanted:
    """A dataset that is to be attached; without keys its requests are anonymous."""

    name: str
    source: Source
    keys: Keys | None = None
    writable: bool = False
    """Access read-write: what code writes lands in the source."""
