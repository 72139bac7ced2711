"""S3 credentials as this component holds them: in memory only."""

from dataclasses import dataclass, field

from grad_runner.common.errors import GradError


@dataclass(frozen=True, slots=True)
class Keys:
    """The representation shows none of them, so that no log and no traceback can."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    expires_at_seconds: int = 0
    """Seconds since the epoch; 0 when it is not known."""

    def expired(self, now_seconds: float) -> bool:
        return 0 < self.expires_at_seconds <= now_seconds

    def redact(self, text: str) -> str:
        """`text`, from a program that has these keys, with each of them replaced by `***`."""
        for secret in (self.secret_access_key, self.session_token, self.access_key_id):
            if secret:
                text = text.replace(secret, "***")
        return text


def keys_expired(name: str) -> GradError:
    """The failure of a dataset whose keys have expired."""
    return GradError(
        "dataset_credentials_expired",
        f'Cannot attach dataset "{name}": its keys have expired',
        "Log in again (`aws sso login`, or new variables); fresh keys are sent with the next call.",
    )
