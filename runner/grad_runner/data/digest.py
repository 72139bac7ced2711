"""A digest of a whole set of datasets, keys included, so that a set which is applied already is recognised."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

from grad_runner.gen.grad.v1 import dataset_pb2

_LENGTH_BYTES: Final = 8


class SetDigester:
    """Digests are comparable within one instance only: they are keyed by a random secret, because what they cover contains
    credentials. They tell nothing of
    what they cover."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def digest(self, datasets: Iterable[dataset_pb2.Dataset]) -> str:
        """64 hexadecimal digits, equal for equal sets in any order. Descriptions do not count: no mount depends on them."""
        code = hmac.new(self._secret, digestmod=hashlib.sha256)
        for encoded in sorted(map(_encode, datasets)):
            # The length goes first, so that no two sets share an encoding.
            code.update(len(encoded).to_bytes(_LENGTH_BYTES, "big"))
            code.update(encoded)
        return code.hexdigest()


def _encode(dataset: dataset_pb2.Dataset) -> bytes:
    if dataset.description:
        bare = dataset_pb2.Dataset()
        bare.CopyFrom(dataset)
        bare.ClearField("description")
        dataset = bare
    return dataset.SerializeToString(deterministic=True)
