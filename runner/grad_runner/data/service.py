"""runner.v1.DataService: requests become checked values, statuses become messages."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Final

import grpc.aio

from grad_runner.common.errors import GradError
from grad_runner.common.log import log
from grad_runner.common.rpc import rpc_method
from grad_runner.data.applied_file import AppliedFile
from grad_runner.data.component import Component
from grad_runner.data.dataset_spec import DatasetSpec
from grad_runner.data.digest import SetDigester
from grad_runner.data.inspection.check import Checked, check
from grad_runner.data.parse import Allowed, parse_dataset
from grad_runner.data.status import DatasetStatus, Failed, Mounted, Mounting
from grad_runner.gen.grad.v1 import dataset_pb2, runner_pb2
from grad_runner.gen.runner.v1 import data_pb2, data_pb2_grpc

SERVICE = "runner.v1.DataService"
MAX_WAIT_MS = 60_000
MAX_DATASETS = 100
NOT_KEPT = AppliedFile(None)
_PLACE: Final = ("endpoint", "region", "bucket")
"""Fields of an S3 source: where its keys are sent to."""


def register(service: "DataService", server: grpc.aio.Server) -> None:
    data_pb2_grpc.add_DataServiceServicer_to_server(service, server)  # type: ignore[no-untyped-call]


class DataService(data_pb2_grpc.DataServiceServicer):
    def __init__(
        self,
        component: Component,
        shown_at: str,
        allowed: Allowed,
        executor: Executor,
        applied: AppliedFile = NOT_KEPT,
    ) -> None:
        self._component = component
        self._executor = executor
        self._shown_at = shown_at
        self._allowed = allowed
        self._applied = applied
        self._digester = SetDigester()
        self._held: dict[str, dataset_pb2.Dataset] = {}
        """What is attached, or was tried to, by name, as it was given last, keys included."""

    @rpc_method
    async def Apply(self, request: data_pb2.ApplyRequest) -> data_pb2.ApplyResponse:  # noqa: N802 - the proto's name
        if request.wait_ms > MAX_WAIT_MS:
            raise GradError("invalid_argument", f"Cannot wait {request.wait_ms} ms: at most {MAX_WAIT_MS}")
        # Before anything is awaited: another call may add to what is held.
        whole = whole_set(request, self._held)
        require_set(whole.datasets)
        self._held = {dataset.name: dataset for dataset in whole.datasets}
        version = self._digester.digest(whole.datasets)
        status = await self._component.apply_unchanged(version)
        if status is None:
            self._applied.write(whole.SerializeToString())
            status = await self._apply(whole, version)
        return data_pb2.ApplyResponse(datasets=self._all(status), version=version)

    async def apply_again(self) -> None:
        """Begins to attach what a process before this one had attached."""
        kept = self._applied.read()
        if kept is None:
            return
        request = data_pb2.ApplyRequest.FromString(kept)
        request.wait_ms = 0
        self._held = {dataset.name: dataset for dataset in request.datasets}
        await self._apply(request, self._digester.digest(request.datasets))
        log("info", "datasets.applied_again", datasets=len(request.datasets))

    async def _apply(self, request: data_pb2.ApplyRequest, version: str) -> list[DatasetStatus]:
        spec, refused = self._parse(request.datasets)
        required = frozenset(request.required)
        return await self._component.apply(spec, refused, request.wait_ms / 1_000, version, required)

    @rpc_method
    async def GetStatus(  # noqa: N802 - the proto's name
        self, request: data_pb2.GetStatusRequest
    ) -> data_pb2.GetStatusResponse:
        return data_pb2.GetStatusResponse(datasets=self._all(self._component.status()))

    @rpc_method
    async def Check(self, request: data_pb2.CheckRequest) -> data_pb2.CheckResponse:  # noqa: N802 - the proto's name
        spec = parse_dataset(request.dataset, self._allowed)
        status = await self._component.attach(spec, MAX_WAIT_MS / 1_000)
        self._held[spec.name] = request.dataset
        match status.state:
            case Failed(error):
                raise error
            case Mounting():
                raise GradError(
                    "dataset_mount_failed", f'Cannot check dataset "{spec.name}": it is not mounted in time'
                )
            case Mounted():
                checked = await check(
                    spec, self._component.path_of(spec.name), request.max_files, self._executor
                )
        return data_pb2.CheckResponse(result=check_response(status, self._shown_at, checked))

    def _parse(
        self, datasets: Iterable[dataset_pb2.Dataset]
    ) -> tuple[list[DatasetSpec], dict[str, GradError]]:
        """The valid datasets, and by name the errors of the others."""
        spec: list[DatasetSpec] = []
        refused: dict[str, GradError] = {}
        for dataset in datasets:
            try:
                spec.append(parse_dataset(dataset, self._allowed))
            except GradError as error:
                refused[dataset.name] = error
        return spec, refused

    def _all(self, status: Iterable[DatasetStatus]) -> list[runner_pb2.AttachedDataset]:
        return [attached(one, self._shown_at) for one in status]


def attached(status: DatasetStatus, shown_at: str) -> runner_pb2.AttachedDataset:
    """The status as a message. `shown_at` is the folder in which user code sees the datasets. Pure."""
    answer = runner_pb2.AttachedDataset(name=status.name, path=f"{shown_at}/{status.name}")
    match status.state:
        case Mounting(error):
            answer.state = runner_pb2.ATTACH_STATE_MOUNTING
        case Mounted():
            answer.state, error = runner_pb2.ATTACH_STATE_MOUNTED, None
        case Failed(error):
            answer.state = runner_pb2.ATTACH_STATE_FAILED
    if error is not None:
        answer.error_code, answer.error_message, answer.error_hint = error.code, error.message, error.hint
    return answer


def require_set(datasets: Sequence[dataset_pb2.Dataset]) -> None:
    """Raises GradError for a set that is invalid as a whole. Pure."""
    seen: set[str] = set()
    for dataset in datasets:
        if dataset.name in seen:
            raise GradError(
                "invalid_argument", f'Cannot attach dataset "{dataset.name[:80]}": it is given twice'
            )
        seen.add(dataset.name)
    if len(seen) > MAX_DATASETS:
        raise GradError("invalid_argument", f"Cannot attach {len(seen)} datasets: at most {MAX_DATASETS}")


def whole_set(
    request: data_pb2.ApplyRequest, held: Mapping[str, dataset_pb2.Dataset]
) -> data_pb2.ApplyRequest:
    """The request with everything that it is to attach: what is held and stays, and the keys that are held and that the caller
    does not have. Pure."""
    named = {dataset.name for dataset in request.datasets}
    kept = [one for name, one in held.items() if request.keep_others and name not in named]
    whole = data_pb2.ApplyRequest(wait_ms=request.wait_ms, required=request.required)
    whole.datasets.extend([*kept, *(_with_held_keys(one, held.get(one.name)) for one in request.datasets)])
    return whole


def _with_held_keys(dataset: dataset_pb2.Dataset, held: dataset_pb2.Dataset | None) -> dataset_pb2.Dataset:
    if not dataset.s3.credentials_unavailable or held is None or not held.s3.HasField("credentials"):
        return dataset
    # Keys go to the place that they were given for and to no other.
    if any(getattr(dataset.s3, field) != getattr(held.s3, field) for field in _PLACE):
        return dataset
    with_keys = dataset_pb2.Dataset()
    with_keys.CopyFrom(dataset)
    with_keys.s3.credentials.CopyFrom(held.s3.credentials)
    with_keys.s3.credentials_unavailable = False
    return with_keys


def check_response(
    status: DatasetStatus, shown_at: str, checked: Checked
) -> dataset_pb2.CheckDatasetResponse:
    """The result of a check as a message. Pure."""
    return dataset_pb2.CheckDatasetResponse(
        attached=attached(status, shown_at),
        files=checked.listing.files,
        bytes=checked.listing.bytes,
        truncated=checked.truncated,
        sample_paths=[path.encode("utf-8", "replace").decode() for path in checked.listing.samples],
        tables=[
            dataset_pb2.Table(
                path=table.path,
                files=table.files,
                rows=table.rows,
                columns=[dataset_pb2.Column(name=name, type=kind) for name, kind in table.columns],
            )
            for table in checked.tables
        ],
    )
