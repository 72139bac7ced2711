/** Environments of components: made from nothing, so that no key or setting of grad's user gets in. */

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
  const threads = String(Math.max(1, Math.ceil(cpuMillis / 1000)));
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
    POLARS_MAX_THREADS: threads,
  };
}
