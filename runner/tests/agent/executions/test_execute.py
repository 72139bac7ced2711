"""Executions on real kernels: their events and how they end."""

import asyncio
import hashlib
from itertools import groupby
from uuid import uuid4

import grpc
import grpc.aio
import pytest

from grad_runner.agent.limits import MAX_QUEUED
from grad_runner.gen.grad.v1 import execution_pb2 as pb
from grad_runner.gen.runner.v1 import agent_pb2 as rpb
from tests.agent.components import Client, Components, wait_for_file
from tests.support_errors import code_of, error_of

pytestmark = pytest.mark.asyncio


async def test_events_are_in_the_order_of_the_output(client: Client) -> None:
    ran = await client.run(
        "import os, sys\n"
        "print('one')\n"
        "os.system('echo two')\n"
        "display('shown')\n"
        "print('three', file=sys.stderr)\n"
        "display('again')\n"
        "print('four')\n"
        "6 * 7"
    )
    kinds = [kind for kind in ran.kinds if kind not in ("queued", "started", "finished")]
    # A stream's output may be in any number of events: "two" can come long after "one".
    assert [kind for kind, _ in groupby(kinds)] == [
        "stdout",
        "display",
        "stderr",
        "display",
        "stdout",
        "result",
    ]
    assert ran.stdout == b"one\ntwo\nfour\n"
    assert ran.stderr == b"three\n"
    assert ran.result == "42"
    assert ran.status == "succeeded"
    assert [event.seq for event in ran.events] == list(range(1, len(ran.events) + 1))
    assert ran.execution.status == pb.EXECUTION_STATUS_SUCCEEDED
    assert ran.execution.finished_at.seconds > 0


async def test_variables_and_the_submitted_code_are_kept(client: Client, components: Components) -> None:
    first = await client.run("kept = 41")
    second = await client.run("kept + 1")
    assert second.result == "42"
    assert first.started.generation == second.started.generation
    assert not second.started.fresh_kernel
    assert second.execution.code_path == f"code/{second.id}.py"
    assert (components.workspace / second.execution.code_path).read_text() == "kept + 1"


async def test_execute_answers_with_all_events_of_code_that_ends_within_its_wait(client: Client) -> None:
    answer = await client.submit("x = 1", wait_ms=20_000)
    assert answer.done
    assert [event.WhichOneof("kind") for event in answer.events][-1] == "finished"
    assert answer.next_seq == len(answer.events) + 1


async def test_clear_output_is_an_event_in_its_place(client: Client) -> None:
    ran = await client.run(
        "print(1)\nfrom IPython.display import clear_output\nclear_output(wait=True)\nprint(2)"
    )
    shown = [kind for kind in ran.kinds if kind in ("stdout", "clear_output")]
    assert shown == ["stdout", "clear_output", "stdout"]
    assert [event.clear_output.wait for event in ran.events if event.HasField("clear_output")] == [True]


async def test_an_exception_fails_with_its_traceback(client: Client) -> None:
    ran = await client.run("def broken():\n    return {}['absent']\nbroken()")
    assert ran.status == "failed"
    assert (ran.error.code, ran.error.name, ran.error.message) == ("code_raised", "KeyError", "'absent'")
    text = "\n".join(ran.error.traceback)
    assert "line 2" in text or "----> 2" in text
    assert "\x1b" not in text
    assert ran.execution.error.name == "KeyError"


async def test_a_syntax_error_fails_with_a_hint(client: Client) -> None:
    ran = await client.run("print('never')\nfor")
    assert (ran.status, ran.error.name) == ("failed", "SyntaxError")
    assert "did not run" in ran.error.hint
    assert ran.stdout == b""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import not_there_at_all", "not_there_at_all"),
        ("open('/workspace/data/nothing/a.csv')", "dataset"),
        ("input('name? ')", "--param"),
    ],
)
async def test_an_exception_has_a_hint(client: Client, code: str, expected: str) -> None:
    ran = await client.run(code)
    assert ran.status == "failed"
    assert expected in ran.error.hint


async def test_output_that_is_not_utf8_arrives_unchanged(client: Client) -> None:
    ran = await client.run("import os\n_ = os.write(1, bytes(range(256)))")
    assert ran.stdout == bytes(range(256))


@pytest.mark.parametrize("code", ["", "  \n\t", "print(1)\0", "x" * (4 * 1024 * 1024 + 1)])
async def test_code_that_cannot_be_run_is_refused(client: Client, code: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.submit(code)
    assert code_of(refused.value) == "invalid_code"
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert error_of(refused.value).hint


async def test_code_of_4_mib_runs(client: Client) -> None:
    code = "len('''" + "x" * (4 * 1024 * 1024 - 11) + "''')"
    assert (await client.run(code)).result == str(4 * 1024 * 1024 - 11)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"session": "Not a name"}, "invalid_name"),
        ({"idempotency_key": "short"}, "invalid_argument"),
        ({"kernel": "cobol"}, "kernel_not_found"),
        ({"params_json": "[1]"}, "invalid_argument"),
        ({"params_json": '{"not a name": 1}'}, "invalid_argument"),
        ({"params_json": "{"}, "invalid_argument"),
    ],
)
async def test_bad_arguments_are_refused(client: Client, fields: dict[str, str], code: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.submit("1", **fields)
    assert code_of(refused.value) == code


async def test_unknown_executions_and_sessions_are_not_found(client: Client) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as missing:
        await client.rpc.GetExecution(rpb.GetExecutionRequest(execution_id="r-none"))
    assert code_of(missing.value) == "execution_not_found"
    with pytest.raises(grpc.aio.AioRpcError) as missing:
        await client.rpc.GetSession(rpb.GetSessionRequest(name="none"))
    assert code_of(missing.value) == "session_not_found"


async def test_the_first_line_of_a_cell_of_sql_has_the_query(client: Client) -> None:
    ran = await client.run("%%sql\n\nselect 1\nas one")
    assert ran.execution.first_line == "%%sql select 1"


async def test_get_has_the_code_and_a_list_its_first_line(client: Client) -> None:
    code = "\n\n  \nprint('ä')  # the first\nprint(2)\n"
    ran = await client.run(code, session="code")
    assert (ran.execution.code, ran.execution.first_line) == (code, "print('ä')  # the first")
    long = await client.run("'" + "x" * 300 + "'", session="code")
    assert long.execution.first_line == "'" + "x" * 198 + "…"
    await client.run("\n" * 5_000 + "1", session="code")
    listed = await client.rpc.ListExecutions(rpb.ListExecutionsRequest(session="code"))
    assert [execution.code for execution in listed.executions] == ["", "", ""]
    assert [execution.first_line for execution in listed.executions] == [
        "",
        long.execution.first_line,
        "print('ä')  # the first",
    ]


async def test_the_code_is_there_while_it_runs_and_after_a_restart(
    own_components: Components,
) -> None:
    own_components.start_agent()
    own_components.start_kernel_component()
    code = wait_for_file("go-on") + "print('x' * 100_000)"
    async with Client(own_components.address) as client:
        answer = await client.submit(code)
        found = await client.rpc.GetExecution(rpb.GetExecutionRequest(execution_id=answer.execution.id))
        assert found.execution.code == code
        own_components.touch("go-on")
        await client.follow(answer.execution.id)
    own_components.kill_agent()
    own_components.start_agent()
    async with Client(own_components.address) as client:
        again = (await client.follow(answer.execution.id)).execution
        assert (again.code, again.first_line) == (code, "import os, time")


async def test_a_repeated_key_runs_once(client: Client) -> None:
    key = uuid4().hex
    await client.run("counted = globals().get('counted', 0)")
    answers = await asyncio.gather(*(client.submit("counted += 1", idempotency_key=key) for _ in range(5)))
    assert len({answer.execution.id for answer in answers}) == 1
    await client.follow(answers[0].execution.id)
    again = await client.submit("counted += 1", idempotency_key=key, wait_ms=1000)
    assert again.done
    assert (await client.run("counted")).result == "1"


@pytest.mark.parametrize("other", [{"code": "2"}, {"session": "other"}, {"params_json": '{"a": 1}'}])
async def test_the_same_key_for_something_else_is_a_conflict(client: Client, other: dict[str, str]) -> None:
    key = uuid4().hex
    await client.submit("1", idempotency_key=key)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.submit(**{"code": "1", "idempotency_key": key, **other})
    assert code_of(refused.value) == "idempotency_conflict"


async def test_a_full_queue_is_refused_with_a_code_of_its_own(client: Client) -> None:
    # One runs, MAX_QUEUED wait, and there are some more.
    keys = [uuid4().hex for _ in range(MAX_QUEUED + 10)]
    blocked = "import time\ntime.sleep(1e6)"

    async def submit(key: str) -> str:
        try:
            await client.submit(blocked, session="full", idempotency_key=key)
        except grpc.aio.AioRpcError as refused:
            assert refused.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            return code_of(refused)
        return "accepted"

    answers = await asyncio.gather(*map(submit, keys))
    accepted = answers.count("accepted")
    assert MAX_QUEUED <= accepted <= MAX_QUEUED + 1
    assert answers.count("queue_full") == len(keys) - accepted
    # Neither another session nor a key that is queued already is affected.
    assert (await client.run("1", session="other")).status == "succeeded"
    assert await submit(keys[answers.index("accepted")]) == "accepted"
    await client.rpc.ResetSession(rpb.ResetSessionRequest(name="full"))


async def test_executions_of_one_session_run_in_order(client: Client, components: Components) -> None:
    first = await client.submit(wait_for_file("all-queued") + "order = ['a']", session="queue")
    second = await client.submit("order.append('b')", session="queue")
    third = await client.submit("order", session="queue")
    components.touch("all-queued")
    ran = await client.follow(third.execution.id)
    assert ran.result == "['a', 'b']"
    assert [first.events[0].queued.ahead, second.events[0].queued.ahead, third.events[0].queued.ahead] == [
        0,
        1,
        2,
    ]


async def test_sessions_run_in_parallel(client: Client) -> None:
    # Each waits until all four run: one after the other, the first would never end.
    meet = "".join(wait_for_file(f"side-{n}") for n in range(4))
    ran = await asyncio.gather(
        *(client.run(f"open('side-{n}', 'w').close()\n{meet}", session=f"side-{n}") for n in range(4))
    )
    assert [one.status for one in ran] == ["succeeded"] * 4


async def test_output_is_shown_live(client: Client, components: Components) -> None:
    answer = await client.submit("print('now')\n" + wait_for_file("shown"))
    assert (await client.first_event(answer.execution.id, "stdout")).stdout.data == b"now\n"
    components.touch("shown")  # only now can the code end
    assert (await client.follow(answer.execution.id)).status == "succeeded"


async def test_slow_readers_delay_nobody(client: Client, components: Components) -> None:
    answer = await client.submit(wait_for_file("readers-wait") + "for n in range(20): print(n)")
    waiting = [
        asyncio.ensure_future(
            client.rpc.ReadEvents(
                rpb.ReadEventsRequest(execution_id=answer.execution.id, from_seq=1000, wait_ms=30_000)
            )
        )
        for _ in range(5)
    ]
    components.touch("readers-wait")
    ran = await client.follow(answer.execution.id)
    assert ran.stdout == b"".join(b"%d\n" % n for n in range(20))
    for one in waiting:
        assert not (await one).events


async def test_artifacts_are_what_the_execution_wrote(client: Client) -> None:
    ran = await client.run(
        "import os\n"
        "os.makedirs('outputs/deep', exist_ok=True)\n"
        "_ = open('outputs/deep/table.csv', 'w').write('a,b\\n1,2\\n')\n"
        "_ = open('code/module.py', 'w').write('x = 1\\n')\n"
        "os.symlink('/etc/passwd', 'outputs/link')"
    )
    assert sorted(ran.artifacts) == ["code/module.py", "outputs/deep/table.csv"]
    table = ran.artifacts["outputs/deep/table.csv"]
    assert (table.bytes, table.media_type) == (8, "text/csv")
    assert table.sha256 == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert (await client.run("1")).artifacts == {}
    changed = await client.run("_ = open('outputs/deep/table.csv', 'a').write('3,4\\n')")
    assert sorted(changed.artifacts) == ["outputs/deep/table.csv"]


async def test_a_plot_is_also_a_file(client: Client, components: Components) -> None:
    ran = await client.run("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2, 3])\nplt.show()")
    display = next(event.display for event in ran.events if event.HasField("display"))
    image = next(part for part in display.parts if part.media_type == "image/png")
    assert image.path == f"outputs/{ran.id}/figure-1.png"
    assert image.data.startswith(b"\x89PNG")
    assert (components.workspace / image.path).read_bytes() == image.data
    assert image.path in ran.artifacts


async def test_text_with_lone_surrogates_is_accepted(client: Client) -> None:
    ran = await client.run("print('\\ud800')\nraise ValueError('\\ud802')")
    assert ran.status == "failed"
    assert (await client.run("1")).started.generation == ran.started.generation


async def test_a_large_result_is_a_file(client: Client, components: Components) -> None:
    ran = await client.run("from IPython.display import HTML\nHTML('<p>' + 'x' * 2_000_000)")
    result = next(event.result for event in ran.events if event.HasField("result"))
    part = next(part for part in result.parts if part.media_type == "text/html")
    assert part.bytes == 2_000_003
    assert part.data.startswith(b"<p>xxx")  # the beginning and the end
    assert len(part.data) <= 64 * 1024
    assert (components.workspace / part.path).stat().st_size == 2_000_003


async def test_results_over_the_bound_leave_a_gap(client: Client) -> None:
    ran = await client.run("for n in range(1100):\n    display(n)")
    assert ran.kinds.count("display") == 1000
    assert ran.gaps["results"].amount == 100
    assert ran.execution.truncated.results


async def test_parameters_become_variables_in_python(client: Client) -> None:
    params = '{"text": "a\'b\\"c\\\\ \\u00e9", "number": 1.5, "many": [1, null, true]}'
    ran = await client.run("text, number, many", params_json=params)
    assert ran.result == "('a\\'b\"c\\\\ é', 1.5, [1, None, True])"
    assert "execute_input" not in ran.kinds


async def test_parameters_become_variables_in_bash(client: Client) -> None:
    params = '{"text": "it\'s $HOME `id`", "number": 7}'
    ran = await client.run('echo "$text|$number"', session="shell", kernel="bash", params_json=params)
    assert ran.stdout.decode().strip() == "it's $HOME `id`|7"
    assert ran.execution.code_path.endswith(".sh")


async def test_a_kernel_that_is_not_forked_streams_its_output(client: Client) -> None:
    ran = await client.run("echo out; echo err >&2; cat /does-not-exist", session="shell", kernel="bash")
    assert b"out" in ran.stdout
    assert ran.status in ("succeeded", "failed")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await client.submit("1", session="shell", kernel="python3")
    assert code_of(refused.value) == "kernel_conflict"


async def test_usage_counts_time_and_memory(client: Client) -> None:
    ran = await client.run(
        "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    )
    usage = ran.events[-1].finished.usage
    assert 200 <= usage.cpu_ms <= 3000
    assert usage.peak_memory_bytes > 10_000_000


async def test_list_executions_begins_with_the_newest(client: Client) -> None:
    old, new = await client.run("1", session="listed"), await client.run("2", session="listed")
    answer = await client.rpc.ListExecutions(rpb.ListExecutionsRequest(session="listed", limit=10))
    assert [execution.id for execution in answer.executions] == [new.id, old.id]


async def test_execute_accepts_code_only_while_its_datasets_are_attached(
    components: Components, client: Client
) -> None:
    key = uuid4().hex
    asked = {"code": "1", "idempotency_key": key, "datasets_version": "the-version"}
    for attached in (None, "another"):
        if attached is not None:
            components.datasets_version.write_text(attached)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.submit(**asked)
        assert code_of(refused.value) == "datasets_changed"
    components.datasets_version.write_text("the-version")
    accepted = await client.submit(**asked)  # so the refused ones have left nothing under the key
    components.datasets_version.unlink()
    again = await client.submit(**asked)  # what is accepted is answered, whatever is attached since
    assert again.execution.id == accepted.execution.id
    assert (await client.follow(accepted.execution.id)).status == "succeeded"
