/** What analysts do every day and what needs unusual system calls: each works under the sandbox's filter of system calls. */
import assert from "node:assert/strict";
import { execute } from "../support/execution_document.ts";
import { suite } from "../support/suite.ts";

const scenario = suite();

/** Functions that other processes run must be in a module that these can import. */
const MODULE = "open('everyday_work.py', 'w').write('def double(n):\\n    return 2 * n\\n')\n";

function pool(method: string): string {
  return `${MODULE}
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from everyday_work import double
with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("${method}")) as pool:
    print(sum(pool.map(double, range(10))))
`;
}

/** By what is done: the code, and what it prints. */
const USES: Readonly<Record<string, readonly [code: string, printed: string]>> = {
  "a pool of processes by fork": [pool("fork"), "90"],
  "a pool of processes by spawn": [pool("spawn"), "90"],
  "a pool of processes by forkserver": [pool("forkserver"), "90"],
  "multiprocessing's manager, queue and lock": [
    `${MODULE}
import multiprocessing
with multiprocessing.Manager() as manager:
    shared = manager.dict(n=1)
    queue, lock = multiprocessing.Queue(), multiprocessing.Lock()
    def work():
        with lock: shared["n"] = 41
        queue.put(1)
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    print(queue.get() + shared["n"])
    process.join()
`,
    "42",
  ],
  "shared memory": [
    `
from multiprocessing import shared_memory
import numpy, subprocess, sys
block = shared_memory.SharedMemory(create=True, size=80)
numpy.ndarray((10,), dtype="i8", buffer=block.buf)[:] = 4
code = f"from multiprocessing import shared_memory as s; b = s.SharedMemory('{block.name}', track=False) if sys.version_info >= (3, 13) else s.SharedMemory('{block.name}'); print(sum(b.buf[:80:8]))"
print(subprocess.check_output([sys.executable, "-W", "ignore", "-c", "import sys; " + code], text=True, stderr=subprocess.DEVNULL).strip())
block.close()
try: block.unlink()
except FileNotFoundError: pass
`,
    "40",
  ],
  "asyncio with a sub-process, a thread and a unix socket": [
    `
import asyncio
async def serve(reader, writer):
    writer.write(await reader.readline()); await writer.drain(); writer.close()
async def main():
    process = await asyncio.create_subprocess_exec("echo", "a", stdout=asyncio.subprocess.PIPE)
    said = (await process.communicate())[0].decode().strip()
    said += await asyncio.to_thread(lambda: "b")
    async with await asyncio.start_unix_server(serve, "/tmp/everyday.sock"):
        reader, writer = await asyncio.open_unix_connection("/tmp/everyday.sock")
        writer.write(b"c\\n"); said += (await reader.readline()).decode().strip(); writer.close()
    print(said)
await main()
`,
    "abc",
  ],
  "DuckDB with several threads and a file": [
    `
import duckdb
with duckdb.connect("outputs/everyday.duckdb") as db:
    db.execute("set threads=4")
    db.execute("create or replace table t as select range % 10 as k, range as v from range(1000000)")
    print(db.execute("select count(*), sum(v) from t where k = 3").fetchone())
`,
    "(100000, 49999800000)",
  ],
  "pyarrow: parquet, a memory map, threads": [
    `
import pyarrow as pa, pyarrow.parquet as pq, pyarrow.compute as pc, pyarrow.dataset as ds
pq.write_table(pa.table({"a": list(range(100000))}), "outputs/everyday.parquet")
print(pc.sum(pq.read_table("outputs/everyday.parquet", memory_map=True)["a"]), ds.dataset("outputs/everyday.parquet").count_rows())
`,
    "4999950000 100000",
  ],
  "numpy's linear algebra with threads": [
    `
import numpy
a = numpy.eye(600)
print(int((a @ a).sum()), int(round(numpy.linalg.det(a))))
`,
    "600 1",
  ],
  "sqlite with a write-ahead log": [
    `
import sqlite3
with sqlite3.connect("outputs/everyday.sqlite") as db:
    print(db.execute("pragma journal_mode=wal").fetchone()[0])
    db.execute("create table if not exists t (a)"); db.execute("insert into t values (1)")
print(db.execute("select max(a) from t").fetchone()[0])
db.close()
`,
    "wal\n1",
  ],
  "a pseudo terminal": [
    `
import os, pty
pid, terminal = pty.fork()
if pid == 0: os.execvp("tty", ["tty"])
print(os.read(terminal, 100).decode().strip().startswith("/dev/pts/"))
os.waitpid(pid, 0)
`,
    "True",
  ],
  "sub-processes and pipes of a shell": [
    `
import subprocess
print(subprocess.run("seq 5 | sort -r | head -1; false || echo $((6 * 7))", shell=True, capture_output=True, text=True).stdout.strip())
`,
    "5\n42",
  ],
  "a virtual environment": [
    `
import subprocess, venv
venv.create("/tmp/everyday-venv", with_pip=False, symlinks=True)
print(subprocess.check_output(["/tmp/everyday-venv/bin/python", "-c", "import sys; print(sys.prefix)"], text=True).strip())
`,
    "/tmp/everyday-venv",
  ],
  "a figure as a file": [
    `
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
plt.plot([1, 2]); plt.savefig("outputs/everyday.png"); plt.close()
print(open("outputs/everyday.png", "rb").read(4))
`,
    String.raw`b'\x89PNG'`,
  ],
  "threads, a timer and signals": [
    `
import signal, threading, time
seen = []
signal.signal(signal.SIGALRM, lambda *_: seen.append("alarm")); signal.setitimer(signal.ITIMER_REAL, 0.05)
event = threading.Event()
threading.Timer(0.01, event.set).start()
event.wait(); signal.pause() if not seen else None
print(seen)
`,
    "['alarm']",
  ],
};

for (const [use, [code, printed]] of Object.entries(USES)) {
  scenario(use, async ({ backend, workspace }) => {
    const got = await execute(backend, await workspace(), code, { args: ["--session", "everyday"] });
    assert.equal(got.stdout, `${printed}\n`);
  });
}

scenario("the bash kernel", async ({ backend, workspace }) => {
  const args = ["--kernel", "bash", "--session", "everyday-bash"];
  const code =
    "n=0; for i in 1 2 3; do n=$((n + i)); done; echo $n | tr 6 7; exec 3<>/dev/tcp/127.0.0.1/9 || echo refused";
  const got = await execute(backend, await workspace(), code, { args });
  assert.match(got.stdout, /^7\n/);
  assert.match(got.stdout, /Network is unreachable[^]*refused/);
});

scenario("a refused connection has a hint with the remedy", async ({ backend, workspace }) => {
  const code = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')";
  const got = await execute(backend, await workspace(), code, { exit: 1 });
  assert.match(got.error?.hint ?? "", /gractl runner create NAME --network full/);
});
