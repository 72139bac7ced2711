/** What the proxy does with existing and new connections. */
export type Fault =
  | Readonly<{ kind: "pass" }>
  /** Nothing listens: new connections are refused, existing ones are closed. */
  | Readonly<{ kind: "refuse" }>
  /** Connections are accepted and stay open, but no byte is forwarded. */
  | Readonly<{ kind: "freeze" }>
  /** Existing connections stay open, but nothing is forwarded on them ever again; new ones work. */
  | Readonly<{ kind: "strand" }>
  /** Each connection is closed after the server has sent this many bytes over it. */
  | Readonly<{ kind: "cut"; afterBytes: number }>;

/** A TCP proxy in this process, before a server that tests need, that simulates a bad network. */
export type FaultProxy = AsyncDisposable & {
  readonly port: number;
  readonly endpoint: string;
  /** Connections accepted since the start. */
  readonly connections: number;
  set(fault: Fault): Promise<void>;
};

type Pair = { client: Deno.Conn; server: Deno.Conn; stranded: boolean };

/**
 * @param serverHost where the server listens; this machine by default
 * @param host the address to listen on
 */
export function startFaultProxy(
  serverPort: number,
  serverHost = "127.0.0.1",
  host = "127.0.0.1",
): FaultProxy {
  let fault: Fault = { kind: "pass" };
  let thawed = Promise.withResolvers<void>();
  thawed.resolve();
  let connections = 0;
  const pairs = new Set<Pair>();
  let listener = Deno.listen({ hostname: host, port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  let serving = serve(listener);

  async function serve(from: Deno.Listener): Promise<void> {
    try {
      for await (const client of from) {
        connections++;
        void join(client);
      }
    } catch {
      // The listener was closed.
    }
  }

  async function join(client: Deno.Conn): Promise<void> {
    const server = await Deno.connect({ hostname: serverHost, port: serverPort }).catch(() => undefined);
    if (server === undefined) return close(client);
    const pair = { client, server, stranded: false };
    pairs.add(pair);
    await Promise.all([move(client, server, pair), move(server, client, pair)]);
    drop(pair);
  }

  async function move(from: Deno.Conn, to: Deno.Conn, pair: Pair): Promise<void> {
    const buffer = new Uint8Array(64 << 10);
    try {
      for (let moved = 0;;) {
        const count = await from.read(buffer);
        await thawed.promise;
        if (count === null) break;
        if (pair.stranded) continue;
        for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
        moved += count;
        if (from === pair.server && fault.kind === "cut" && moved >= fault.afterBytes) break;
      }
    } catch {
      // One of the two ends is closed.
    }
    drop(pair);
  }

  function drop(pair: Pair): void {
    if (!pairs.delete(pair)) return;
    close(pair.client);
    close(pair.server);
  }

  async function set(next: Fault): Promise<void> {
    const wasRefusing = fault.kind === "refuse";
    if (next.kind === "strand") { for (const pair of pairs) pair.stranded = true; }
    fault = next;
    if (next.kind === "freeze") {
      thawed.resolve();
      thawed = Promise.withResolvers();
    } else {
      thawed.resolve();
    }
    if (next.kind === "refuse" && !wasRefusing) {
      close(listener);
      await serving;
      for (const pair of [...pairs]) drop(pair);
    } else if (next.kind !== "refuse" && wasRefusing) {
      listener = Deno.listen({ hostname: host, port });
      serving = serve(listener);
    }
  }

  return {
    port,
    endpoint: `http://${host}:${port}`,
    get connections() {
      return connections;
    },
    set,
    [Symbol.asyncDispose]: () => set({ kind: "refuse" }),
  };
}

function close(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // Closed by the other side already.
  }
}
