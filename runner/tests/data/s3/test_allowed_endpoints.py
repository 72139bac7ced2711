"""Which S3 servers the operator allows."""

import pytest

from grad_runner.common.errors import GradError
from grad_runner.data.dataset_spec import S3Source
from grad_runner.data.s3.allowed_endpoints import AllowedEndpoints

RULES = ("*.amazonaws.com:443", "s3.grad.svc:7070", "10.0.0.1:9000", "[fd12::1]:80")


def _source(endpoint: str, region: str = "us-east-1") -> S3Source:
    return S3Source(endpoint, region, "lake", "", True)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",  # Amazon's own
        "https://s3.eu-west-1.amazonaws.com",
        "https://S3.EU-west-1.AmazonAWS.com.",
        "https://s3.us-east-1.amazonaws.com:443",
        "http://s3.grad.svc:7070",
        "https://s3.grad.svc:7070",
        "http://10.0.0.1:9000",
        "http://[fd12:0:0::1]",
    ],
)
def test_allows_what_a_rule_names(endpoint: str) -> None:
    AllowedEndpoints(RULES).require("sales", _source(endpoint))


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://s3.eu-west-1.amazonaws.com",  # port 80
        "https://s3.eu-west-1.amazonaws.com:8443",
        "https://amazonaws.com",
        "https://evilamazonaws.com",
        "https://s3.amazonaws.com.evil.example",
        "http://s3.grad.svc",
        "http://s3.grad.svc:7071",
        "http://a.s3.grad.svc:7070",
        "http://10.0.0.2:9000",
        "http://10.0.0.1",
        "http://[fd12::2]",
    ],
)
def test_refuses_every_other_endpoint(endpoint: str) -> None:
    AllowedEndpoints().require("sales", _source(endpoint))
    with pytest.raises(GradError, match="sales") as refused:
        AllowedEndpoints(RULES).require("sales", _source(endpoint))
    assert refused.value.code == "dataset_endpoint_refused" and "runners.s3Endpoints" in refused.value.hint


@pytest.mark.parametrize(
    "rule",
    ["", "s3.grad.svc", "s3.grad.svc:", "s3.grad.svc:0", "s3:65536", "https://s3:443", "a.*.b:1", "*:443"],
)
def test_refuses_what_is_no_rule(rule: str) -> None:
    with pytest.raises(GradError, match="S3 endpoint"):
        AllowedEndpoints([rule])
