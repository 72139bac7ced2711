"""runner.v1.AgentService: turns requests into checked values, calls the use cases and builds the answers. Decides nothing."""

# ruff: noqa: N802 - the methods' names are the protocol's

import asyncio
from typing import Final

from grad_runner.agent.agent import Agent
from grad_runner.agent.executions.plain_text import shorten
from grad_runner.agent.executions.process_settings import ProcessSettings
from grad_runner.agent.executions.submission import Submission, code_name
from grad_runner.agent.files.uploads import Uploads
from grad_runner.agent.files.workspace_files import WorkspaceFiles
from grad_runner.agent.limits import MAX_LISTED_MESSAGE_CHARS
from grad_runner.agent.names import kernel_spec_name, session_name
from grad_runner.agent.sessions.session import Session
from grad_runner.agent.storage.record import Record
from grad_runner.common.rpc import rpc_method
from grad_runner.gen.grad.v1 import execution_pb2 as pb
from grad_runner.gen.grad.v1 import session_pb2 as spb
from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from grad_runner.gen.runner.v1 import agent_pb2_grpc
from grad_runner.gen.shared.limits import (
    DEFAULT_BATCH_BYTES,
    DEFAULT_LISTED_EXECUTIONS,
    MAX_BATCH_BYTES,
    MAX_COLUMNS,
    MAX_LISTED_EXECUTIONS,
    MAX_WAIT_MS,
)
from grad_runner.gen.shared.version import VERSION

API: Final = 1
_LINGER_SECONDS: Final = 0.02
"""`Execute` waits so much longer after the first output: code that ends at once is answered completely."""


class AgentService(agent_pb2_grpc.AgentServiceServicer):
    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._files = WorkspaceFiles(agent.config.workspace, agent.config.data)
        self._uploads = Uploads(agent.config.state, agent.config.workspace)

    @rpc_method
    async def GetInfo(self, request: rpb.GetInfoRequest) -> rpb.GetInfoResponse:
        agent = self._agent
        ready = agent.component.ready or await agent.component.wait_ready(
            min(request.wait_ms, MAX_WAIT_MS) / 1000
        )
        agent.watch_kernel_use()
        specs = sorted(agent.component.specs.values(), key=lambda spec: spec.name)
        return rpb.GetInfoResponse(
            agent_version=VERSION,
            api=API,
            runner_id=agent.config.runner_id,
            ready=ready,
            kernels=[
                rpb.KernelSpec(name=s.name, display_name=s.display_name, language=s.language) for s in specs
            ],
            active_executions=agent.active_executions,
            last_active_ms=agent.activity.at_ms,
            last_activity=agent.activity.what,
        )

    @rpc_method
    async def Execute(self, request: rpb.ExecuteRequest) -> rpb.ExecuteResponse:
        submission = Submission(
            request.idempotency_key,
            session_name(request.session),
            request.kernel,
            request.code,
            request.params_json,
            request.deadline_ms,
            request.datasets_version,
            code_name(request.code_name),
            min(request.columns, MAX_COLUMNS),
            ProcessSettings(dict(request.process.variables), request.process.working_directory),
        )
        record = await self._agent.submit(submission)
        await _wait_for_output(record, request.wait_ms)
        events = record.read(1, request.max_bytes or DEFAULT_BATCH_BYTES)
        next_seq = len(events) + 1
        done = record.done and next_seq >= record.visible
        return rpb.ExecuteResponse(execution=record.execution, events=events, next_seq=next_seq, done=done)

    @rpc_method
    async def ReadEvents(self, request: rpb.ReadEventsRequest) -> rpb.ReadEventsResponse:
        record = self._agent.record(request.execution_id)
        from_seq = max(1, request.from_seq)
        until = asyncio.get_running_loop().time() + min(request.wait_ms, MAX_WAIT_MS) / 1000
        while from_seq >= record.visible and not record.done:
            if not await record.changed.wait(until):
                break
        events = record.read(from_seq, min(request.max_bytes or DEFAULT_BATCH_BYTES, MAX_BATCH_BYTES))
        next_seq = from_seq + len(events)
        return rpb.ReadEventsResponse(
            events=events, next_seq=next_seq, done=record.done and next_seq >= record.visible
        )

    @rpc_method
    async def GetExecution(self, request: rpb.GetExecutionRequest) -> rpb.GetExecutionResponse:
        return rpb.GetExecutionResponse(execution=await self._agent.with_code(request.execution_id))

    @rpc_method
    async def ListExecutions(self, request: rpb.ListExecutionsRequest) -> rpb.ListExecutionsResponse:
        session = session_name(request.session) if request.session else ""
        records = self._agent.records(
            session, min(request.limit or DEFAULT_LISTED_EXECUTIONS, MAX_LISTED_EXECUTIONS)
        )
        return rpb.ListExecutionsResponse(executions=[_listed(record.execution) for record in records])

    @rpc_method
    async def InterruptExecution(
        self, request: rpb.InterruptExecutionRequest
    ) -> rpb.InterruptExecutionResponse:
        record = await self._agent.interrupt(request.execution_id, force=request.force)
        until = asyncio.get_running_loop().time() + min(request.wait_ms, MAX_WAIT_MS) / 1000
        while not record.done and await record.changed.wait(until):
            pass
        return rpb.InterruptExecutionResponse(execution=record.execution)

    @rpc_method
    async def HoldCode(self, request: rpb.HoldCodeRequest) -> rpb.HoldCodeResponse:
        self._agent.hold_code(request.holder, request.hold_ms / 1000)
        return rpb.HoldCodeResponse()

    @rpc_method
    async def ListSessions(self, _request: rpb.ListSessionsRequest) -> rpb.ListSessionsResponse:
        sessions = sorted(self._agent.sessions, key=lambda session: session.state.name)
        return rpb.ListSessionsResponse(sessions=[self._session(session) for session in sessions])

    @rpc_method
    async def GetSession(self, request: rpb.GetSessionRequest) -> rpb.GetSessionResponse:
        return rpb.GetSessionResponse(
            session=self._session(self._agent.sessions.find(session_name(request.name)))
        )

    @rpc_method
    async def ResetSession(self, request: rpb.ResetSessionRequest) -> rpb.ResetSessionResponse:
        session = await self._agent.reset(session_name(request.name), kernel_spec_name(request.kernel))
        return rpb.ResetSessionResponse(session=self._session(session))

    @rpc_method
    async def DeleteSession(self, request: rpb.DeleteSessionRequest) -> rpb.DeleteSessionResponse:
        await self._agent.delete_session(session_name(request.name), force=request.force)
        return rpb.DeleteSessionResponse()

    @rpc_method
    async def ListFiles(self, request: rpb.ListFilesRequest) -> rpb.ListFilesResponse:
        entries, truncated = await asyncio.to_thread(
            self._files.entries, request.path, recursive=request.recursive
        )
        return rpb.ListFilesResponse(entries=entries, truncated=truncated)

    @rpc_method
    async def ReadFile(self, request: rpb.ReadFileRequest) -> rpb.ReadFileResponse:
        self._agent.activity.note("files")
        return await asyncio.to_thread(
            self._files.read, request.path, request.offset, request.max_bytes, request.revision
        )

    @rpc_method
    async def BeginUpload(self, request: rpb.BeginUploadRequest) -> rpb.BeginUploadResponse:
        self._agent.activity.note("files")
        more_bytes = await asyncio.to_thread(
            self._uploads.more_bytes, request.path, request.total_bytes, request.sha256
        )
        if more_bytes > 0:  # one that only makes a file smaller is how storage is freed without code
            await self._agent.storage.require_room(more_bytes)
        upload, offset = await asyncio.to_thread(
            self._uploads.begin, request.path, request.total_bytes, request.sha256, request.mode
        )
        return rpb.BeginUploadResponse(upload_id=upload, offset=offset)

    @rpc_method
    async def WriteUpload(self, request: rpb.WriteUploadRequest) -> rpb.WriteUploadResponse:
        self._agent.activity.note("files")
        offset = await asyncio.to_thread(self._uploads.write, request.upload_id, request.offset, request.data)
        return rpb.WriteUploadResponse(offset=offset)

    @rpc_method
    async def FinishUpload(self, request: rpb.FinishUploadRequest) -> rpb.FinishUploadResponse:
        entry = await asyncio.to_thread(self._uploads.finish, request.upload_id)
        self._agent.on_uploaded(entry.path)
        return rpb.FinishUploadResponse(entry=entry)

    def _session(self, session: Session) -> spb.Session:
        message = session.message()
        message.runner_id = self._agent.config.runner_id
        return message


def _listed(execution: pb.Execution) -> pb.Execution:
    """The execution as it is in a list: of a thousand errors the text alone would be larger than an answer may be."""
    if not execution.HasField("error"):
        return execution
    listed = pb.Execution()
    listed.CopyFrom(execution)
    listed.error.ClearField("traceback")
    listed.error.ClearField("full_traceback")
    listed.error.message = shorten(listed.error.message, MAX_LISTED_MESSAGE_CHARS)
    return listed


async def _wait_for_output(record: Record, wait_ms: int) -> None:
    """Returns when the execution has finished, _LINGER_SECONDS after its first output, or after `wait_ms`."""
    loop = asyncio.get_running_loop()
    until = loop.time() + min(wait_ms, MAX_WAIT_MS) / 1000
    lingers_until = until
    while not record.done:
        if record.has_output and lingers_until == until:
            lingers_until = min(until, loop.time() + _LINGER_SECONDS)
        if not await record.changed.wait(until if record.is_ending else lingers_until) and not (
            record.is_ending and loop.time() < until
        ):
            return
