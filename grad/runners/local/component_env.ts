/** Environments of components: made from nothing, so that no key or setting of grad's user gets in. */
import { wholeCores } from "./cpu_share.ts";

/** Of init, agent and data component. `path` is grad's own PATH: where s3fs and bwrap are found. */
export function trustedEnv(options: { venv: string; home: string; path: string }): Record<string, string> {
  const { venv, home, path } = options;
  return {
    PATH: `${venv}/bin:${path}`,
    HOME: home,
    LANG: "C.UTF-8",
    TZ: "UTC",
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
  };
}

/** Of user code. `cpuMillis` bounds the threads of libraries that would else take every core of the machine. */
export function kernelEnv(
  options: { venv: string; home: string; cpuMillis: number },
): Record<string, string> {
  const { venv, home, cpuMillis } = options;
  const threads = String(wholeCores(cpuMillis));
  return {
    PATH: `${venv}/bin:/usr/local/bin:/usr/bin:/bin`,
    HOME: home,
    USER: "user",
    LANG: "C.UTF-8",
    TZ: "UTC",
    TERM: "dumb",
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    OMP_NUM_THREADS: threads,
    OPENBLAS_NUM_THREADS: threads,
    MKL_NUM_THREADS: threads,
    NUMEXPR_MAX_THREADS: threads,
    NUMBA_NUM_THREADS: threads,
    POLARS_MAX_THREADS: threads,
    RAYON_NUM_THREADS: threads,
    // pyarrow takes its number of cores from OMP_NUM_THREADS. Threads that wait for S3 may be more.
    ARROW_IO_THREADS: String(Math.max(4, 2 * Number(threads))),
    PYTHON_CPU_COUNT: threads,
  };
}
