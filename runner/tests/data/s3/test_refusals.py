"""What is reported when S3 refuses. Each case: the code, the dataset's name in the message, a hint, nothing left behind."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from grad_runner.gen.grad.v1 import dataset_pb2
from tests.data.data_component import FAILED, MOUNTED, DataComponent, data_component, s3_dataset
from tests.support_s3 import ROOT_KEY, ROOT_SECRET, S3Server, free_port


def keys(access: str, secret: str, **more: object) -> dataset_pb2.S3Credentials:
    return dataset_pb2.S3Credentials(access_key_id=access, secret_access_key=secret, **more)  # type: ignore[arg-type]


class Page(BaseHTTPRequestHandler):
    """What answers at many an address that somebody took for S3's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html><body>hello")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def no_s3_server() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        serving = threading.Thread(target=server.serve_forever, name="no s3")
        serving.start()
        yield server.server_port
        server.shutdown()
        serving.join()


async def refusal(component: DataComponent, dataset: dataset_pb2.Dataset) -> tuple[str, str, str]:
    answer = (await component.apply(dataset))[dataset.name]
    assert answer.state == FAILED
    assert f'"{dataset.name}"' in answer.error_message
    with pytest.raises(FileNotFoundError):
        component.ls(dataset.name)
    assert component.pids("s3fs") == []
    said = answer.error_message + answer.error_hint + component.init.log("data") + component.init.log("init")
    assert "secret" not in said
    return answer.error_code, answer.error_message, answer.error_hint


async def test_apply_reports_what_is_wrong_with_keys_bucket_prefix_and_endpoint(s3: S3Server) -> None:
    s3.add_user("nobody", "nobodys-secret")
    async with data_component() as component:
        code, message, _ = await refusal(
            component, s3_dataset(s3, "wrong", credentials=keys(ROOT_KEY, "wrong-secret"))
        )
        assert code == "dataset_credentials_invalid" and "SignatureDoesNotMatch" in message

        code, message, _ = await refusal(
            component, s3_dataset(s3, "unknown", credentials=keys("who", "some-secret"))
        )
        assert code == "dataset_credentials_invalid" and "InvalidAccessKeyId" in message

        token = keys(ROOT_KEY, ROOT_SECRET, session_token="secret-token")
        code, message, _ = await refusal(component, s3_dataset(s3, "token", credentials=token))
        assert code == "dataset_credentials_invalid" and "InvalidToken" in message

        old = keys(ROOT_KEY, ROOT_SECRET, expires_at_seconds=int(time.time()) - 1)
        code, _, hint = await refusal(component, s3_dataset(s3, "old", credentials=old))
        assert code == "dataset_credentials_expired" and "Log in again" in hint

        code, _, hint = await refusal(
            component, s3_dataset(s3, "denied", credentials=keys("nobody", "nobodys-secret"))
        )
        assert code == "dataset_access_denied" and "s3:ListBucket" in hint

        code, message, hint = await refusal(component, s3_dataset(s3, "anonymous", credentials=None))
        assert code == "dataset_access_denied" and "anonymous" in message and "credentials" in hint

        code, message, _ = await refusal(component, s3_dataset(s3, "bucket", bucket="no-such-bucket"))
        assert code == "dataset_bucket_not_found" and "no-such-bucket" in message

        code, message, hint = await refusal(component, s3_dataset(s3, "prefix", prefix="flihgts"))
        assert code == "dataset_prefix_not_found" and "s3://lake/flihgts/" in message
        assert hint == "Similar names: flights, flight-plans, weather."

        _, _, hint = await refusal(component, s3_dataset(s3, "deeper", prefix="flights/year=2013/month=3"))
        assert hint == "Similar names: flights/year=2013/month=2, flights/year=2013/month=1."

        _, _, hint = await refusal(component, s3_dataset(s3, "file", prefix="weather/w.txt"))
        assert hint == "weather/w.txt is one object; set prefix: weather."

        _, _, hint = await refusal(component, s3_dataset(s3, "half", prefix="flig"))
        assert "flights" in hint  # the beginning of a name is no folder

        nobody = S3Server(s3.folder, free_port())
        code, message, _ = await refusal(component, s3_dataset(nobody, "away"))
        assert code == "dataset_unreachable" and "refused the connection" in message

        with no_s3_server() as port:
            code, _, hint = await refusal(component, s3_dataset(S3Server(s3.folder, port), "page"))
        assert code == "dataset_unreachable" and "not an S3 endpoint" in hint

        named = s3_dataset(s3, "named")
        named.s3.endpoint = "http://no-such-host.invalid"
        code, message, _ = await refusal(component, named)
        assert code == "dataset_unreachable" and "cannot be resolved" in message

        encrypted = s3_dataset(s3, "encrypted")
        encrypted.s3.endpoint = encrypted.s3.endpoint.replace("http:", "https:")
        code, message, hint = await refusal(component, encrypted)
        assert code == "dataset_unreachable" and "http" in hint


async def test_apply_reports_keys_that_may_list_but_not_read(s3: S3Server) -> None:
    s3.add_user("lister", "listers-secret")
    s3.put("listed", {"a/b.txt": b"b"})
    lists: dict[str, object] = {
        "Principal": "lister",
        "Action": ["s3:ListBucket"],
        "Resource": "arn:aws:s3:::listed",
    }
    s3.allow("listed", [lists])
    async with data_component() as component:
        dataset = s3_dataset(s3, "listed", "listed", credentials=keys("lister", "listers-secret"))
        code, _, hint = await refusal(component, dataset)
        assert code == "dataset_access_denied" and "s3:GetObject" in hint

        reads: dict[str, object] = {
            "Principal": "lister",
            "Action": ["s3:GetObject"],
            "Resource": "arn:aws:s3:::listed/*",
        }
        s3.allow("listed", [lists, reads])
        assert (await component.apply(dataset))[
            "listed"
        ].state == MOUNTED  # tried again, because it had failed
        assert component.cat("listed", "a", "b.txt") == "b"


async def test_apply_mounts_a_public_bucket_without_keys(s3: S3Server) -> None:
    s3.put("open", {"a/b.txt": b"b"})
    everybody: dict[str, object] = {"Principal": "*", "Action": ["s3:ListBucket", "s3:GetObject"]}
    s3.allow("open", [{**everybody, "Resource": ["arn:aws:s3:::open", "arn:aws:s3:::open/*"]}])
    async with data_component() as component:
        answer = (await component.apply(s3_dataset(s3, "open", "open", credentials=None)))["open"]
        assert (answer.state, answer.error_message) == (MOUNTED, "")
        assert component.cat("open", "a", "b.txt") == "b"


async def test_apply_refuses_invalid_datasets_and_attaches_the_others(s3: S3Server) -> None:
    async with data_component() as component:
        wrong = [
            s3_dataset(s3, "Flights"),
            s3_dataset(s3, "bucket", bucket="lake,allow_root"),
            s3_dataset(s3, "prefix", prefix="a/../b"),
            dataset_pb2.Dataset(name="nothing"),
            dataset_pb2.Dataset(name="folder", directory=dataset_pb2.DirectorySource(path="/tmp")),
        ]
        answer = await component.apply(*wrong, s3_dataset(s3, "good"))
        assert {name: one.error_code for name, one in answer.items()} == {
            "Flights": "invalid_name",
            "bucket": "dataset_invalid",
            "prefix": "dataset_invalid",
            "nothing": "dataset_invalid",
            "folder": "dataset_type_unsupported",
            "good": "",
        }
        assert component.ls() == ["good"]


async def test_a_server_that_the_operator_does_not_allow_is_refused(s3: S3Server) -> None:
    async with data_component("--s3-endpoint", f"127.0.0.1:{s3.port}") as component:
        answer = (await component.apply(s3_dataset(s3, "flights", prefix="flights")))["flights"]
        assert answer.state == MOUNTED
    async with data_component("--s3-endpoint", "*.amazonaws.com:443") as component:
        code, message, hint = await refusal(component, s3_dataset(s3, "flights", prefix="flights"))
        assert code == "dataset_endpoint_refused"
        assert f"127.0.0.1:{s3.port}" in message and "s3Endpoints" in hint
