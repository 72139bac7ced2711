from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grad_runner.data.digest import SetDigester
from grad_runner.gen.grad.v1 import dataset_pb2

TEXT = st.text("ab", max_size=2)
KEYS = st.builds(
    dataset_pb2.S3Credentials,
    access_key_id=TEXT,
    secret_access_key=TEXT,
    session_token=TEXT,
    expires_at_seconds=st.integers(0, 2),
)
S3 = st.builds(
    dataset_pb2.S3Source,
    endpoint=TEXT,
    region=TEXT,
    bucket=TEXT,
    prefix=TEXT,
    path_style=st.booleans(),
    credentials=st.none() | KEYS,
)
DATASET = st.builds(dataset_pb2.Dataset, name=TEXT, access=st.sampled_from([0, 1, 2]), s3=S3) | st.builds(
    dataset_pb2.Dataset, name=TEXT, directory=st.builds(dataset_pb2.DirectorySource, path=TEXT)
)
SET = st.lists(DATASET, max_size=3)
DIGESTER = SetDigester()
FOLDER = dataset_pb2.DirectorySource(path="/data")


@given(SET, st.randoms(use_true_random=False))
def test_digest_is_the_same_in_any_order(datasets: list[dataset_pb2.Dataset], random: Random) -> None:
    other = list(datasets)
    random.shuffle(other)
    assert DIGESTER.digest(other) == DIGESTER.digest(datasets)


@given(SET, SET)
def test_digest_differs_for_different_sets(
    one: list[dataset_pb2.Dataset], other: list[dataset_pb2.Dataset]
) -> None:
    def key(datasets: list[dataset_pb2.Dataset]) -> list[bytes]:
        return sorted(each.SerializeToString(deterministic=True) for each in datasets)

    assert (DIGESTER.digest(one) == DIGESTER.digest(other)) == (key(one) == key(other))


@pytest.mark.parametrize(
    "field", ["access_key_id", "secret_access_key", "session_token", "expires_at_seconds"]
)
def test_digest_depends_on_every_part_of_the_keys(field: str) -> None:
    keys = dataset_pb2.S3Credentials()
    setattr(keys, field, 1 if field == "expires_at_seconds" else "x")
    with_it, without = (
        dataset_pb2.Dataset(name="d", s3=dataset_pb2.S3Source(bucket="lake", credentials=one))
        for one in (keys, dataset_pb2.S3Credentials())
    )
    assert DIGESTER.digest([with_it]) != DIGESTER.digest([without])


def test_digest_differs_between_anonymous_access_and_empty_keys() -> None:
    anonymous = dataset_pb2.Dataset(name="d", s3=dataset_pb2.S3Source(bucket="lake"))
    empty = dataset_pb2.Dataset(
        name="d", s3=dataset_pb2.S3Source(bucket="lake", credentials=dataset_pb2.S3Credentials())
    )
    assert DIGESTER.digest([anonymous]) != DIGESTER.digest([empty])


def test_digest_differs_between_processes() -> None:
    assert SetDigester().digest([]) != SetDigester().digest([])
    assert len(SetDigester().digest([])) == 64


def test_digest_does_not_depend_on_descriptions_but_on_all_else_beside_them() -> None:
    def one(name: str, description: str) -> dataset_pb2.Dataset:
        return dataset_pb2.Dataset(name=name, description=description, directory=FOLDER)

    assert (
        DIGESTER.digest([one("a", "x")])
        == DIGESTER.digest([one("a", "y")])
        == DIGESTER.digest([one("a", "")])
    )
    assert DIGESTER.digest([one("a", "x")]) != DIGESTER.digest([one("b", "x")])
    given = one("a", "x")
    DIGESTER.digest([given])
    assert given.description == "x"  # the request is not changed


def test_digest_differs_for_sets_whose_encodings_are_the_same_bytes_in_a_row() -> None:
    apart = [dataset_pb2.Dataset(name="a"), dataset_pb2.Dataset(directory=FOLDER)]
    together = dataset_pb2.Dataset(name="a", directory=FOLDER)
    assert b"".join(each.SerializeToString() for each in apart) == together.SerializeToString()
    assert DIGESTER.digest(apart) != DIGESTER.digest([together])
