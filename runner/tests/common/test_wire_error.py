"""The form of an error on the wire; shared/wire_error_test.ts tests the same of the TypeScript side."""

import base64
import urllib.parse

import grpc
import pytest

from grad_runner.common.errors import STATUS, ErrorCode, GradError
from grad_runner.common.wire_error import decode_error, encode_error
from grad_runner.gen.google.rpc.error_details_pb2 import ErrorInfo
from grad_runner.gen.google.rpc.status_pb2 import Status


def test_any_grpc_tool_can_read_an_error() -> None:
    code, message, details = encode_error(GradError("queue_full", "Cannot queue “ü”", "見る"))
    status = Status.FromString(details)
    assert (code, status.code) == (grpc.StatusCode.RESOURCE_EXHAUSTED, 8)
    assert message == status.message == "Cannot queue “ü”"
    (detail,) = status.details
    assert detail.type_url == "type.googleapis.com/google.rpc.ErrorInfo"
    info = ErrorInfo()
    assert detail.Unpack(info)
    assert (info.reason, info.domain, dict(info.metadata)) == ("QUEUE_FULL", "grad", {"hint": "見る"})


@pytest.mark.parametrize("code", STATUS)
def test_every_code_comes_back(code: ErrorCode) -> None:
    decoded = decode_error(encode_error(GradError(code, "Cannot"))[2])
    assert decoded is not None
    assert (decoded.code, decoded.message, decoded.hint) == (code, "Cannot", "")


@pytest.mark.parametrize("letter", ["x", "ü", "見", "🚀", "\udcff"])
def test_a_huge_error_stays_within_8_kib_of_headers_and_characters_whole(letter: str) -> None:
    huge = "a" + letter * 100_000
    _, message, details = encode_error(GradError("internal", huge, huge))
    assert len(urllib.parse.quote(message)) + len(base64.b64encode(details)) < 8_000
    decoded = decode_error(details)
    assert decoded is not None
    whole = letter.encode("utf-8", "replace").decode()
    for text in (message, decoded.message, decoded.hint):
        assert text == "a" + whole * (len(text) - 2) + "…"
        assert len(text) > 200


@pytest.mark.parametrize(("size", "is_cut"), [(1_200, False), (1_201, True)])
def test_a_text_is_cut_above_1200_bytes_and_to_at_most_these(size: int, is_cut: bool) -> None:
    _, message, _ = encode_error(GradError("internal", "x" * size))
    assert message.endswith("…") == is_cut
    assert len(message.encode()) == 1_200


def test_an_error_of_another_domain_is_not_ours() -> None:
    status = Status(code=5, message="Cannot")
    status.details.add().Pack(ErrorInfo(reason="RUNNER_BUSY", domain="googleapis.com"))
    assert decode_error(status.SerializeToString()) is None
    assert decode_error(b"") is None


def test_a_text_of_the_bound_stays_whole_and_a_longer_one_within_it() -> None:
    def sent(text: str) -> str:
        return encode_error(GradError("internal", text))[1]

    longest = "x" * 1_198 + "ü"
    assert len(longest.encode()) == 1_200
    assert sent(longest) == longest
    assert sent("x" * 1_201) == "x" * 1_197 + "…"


def test_a_code_that_a_later_version_knows_becomes_internal_with_its_sentence_and_hint() -> None:
    status = Status(code=9, message="Cannot fly")
    status.details.add().Pack(ErrorInfo(reason="TOO_HEAVY", domain="grad", metadata={"hint": "Land."}))
    decoded = decode_error(status.SerializeToString())
    assert decoded is not None
    assert (decoded.code, decoded.message, decoded.hint) == ("internal", "Cannot fly", "Land.")
