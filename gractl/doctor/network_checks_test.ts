import assert from "node:assert/strict";
import { GradError } from "../../shared/errors.ts";
import { fakeClock } from "../../shared/testing/fake_clock.ts";
import type { Context, NetworkAddress } from "../auth/context.ts";
import { unsignedToken } from "../auth/testing/tokens.ts";
import type { ServerCertificate } from "../client/look_at_certificate.ts";
import { perform } from "./check.ts";
import { networkChecks, type NetworkSources } from "./network_checks.ts";

const NOW = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const GOOD: ServerCertificate = {
  names: "DNS:grad.internal",
  validFromMs: NOW - HOUR_MS,
  validUntilMs: NOW + 48 * HOUR_MS,
  trusted: true,
  forThisName: true,
};
const CONTEXT: Context & Readonly<{ address: NetworkAddress }> = {
  file: "/c/lab.yaml",
  name: "lab",
  address: { kind: "network", host: "grad.example.com", port: 50_051 },
  certificateAuthority: "",
  serverName: "",
  tokenFile: "/c/token",
  serviceAccount: { namespace: "a", name: "ann", kubeContext: "", kubeconfig: "" },
};
const SUBJECT = "system:serviceaccount:a:ann";

type World = Readonly<{
  certificate?: Partial<ServerCertificate>;
  token?: string;
  env?: Record<string, string>;
  connect?: NetworkSources["connect"];
}>;

function findings({ certificate, token, env = {}, connect = () => Promise.resolve() }: World = {}) {
  const clock = fakeClock(NOW);
  const given = token ?? unsignedToken({ sub: SUBJECT, aud: ["grad"], exp: (NOW + HOUR_MS) / 1_000 });
  const checks = networkChecks(CONTEXT, {
    env,
    clock,
    signal: new AbortController().signal,
    connect,
    certificate: () => Promise.resolve({ ...GOOD, ...certificate }),
    tokens: () =>
      Promise.resolve({
        current: () => Promise.resolve(given),
        after: () => Promise.resolve(undefined),
        remedy: "Log in.",
      }),
  });
  const all = Promise.all(checks.map(perform));
  return { clock, found: async () => Object.fromEntries((await all).map((each) => [each.name, each])) };
}

Deno.test("networkChecks() go along the links to a grad in order", async () => {
  const found = await (findings()).found();
  assert.deepEqual(Object.values(found).map(({ state, message }) => [state, message]), [
    ["ok", "https://grad.example.com:50051 takes connections"],
    ["ok", "of the right server, valid for 2 days"],
    ["ok", `of ${SUBJECT}, valid for 1 h 00 m, renewed by gractl`],
  ]);
});

const broken:
  readonly (readonly [what: string, world: World, check: string, message: RegExp, hint: RegExp])[] = [
    [
      "an address where nobody listens",
      { connect: () => Promise.reject(new Error("Connection refused")) },
      "address",
      /Cannot connect to https:\/\/grad\.example\.com:50051: Connection refused/,
      /lab\.yaml/,
    ],
    [
      "an expired certificate",
      { certificate: { validUntilMs: NOW, trusted: false } },
      "certificate",
      /expired/,
      /clock/,
    ],
    [
      "a clock that is behind",
      { certificate: { validFromMs: NOW + HOUR_MS } },
      "certificate",
      /not yet/,
      /clock/,
    ],
    [
      "another server",
      { certificate: { forThisName: false } },
      "certificate",
      /DNS:grad\.internal, not for grad\.example/,
      /--server-name/,
    ],
    [
      "another CA",
      { certificate: { trusted: false } },
      "certificate",
      /not signed by a CA that the system trusts/,
      /--ca-file/,
    ],
    [
      "an expired token",
      { token: unsignedToken({ exp: NOW / 1_000 - 60 }) },
      "token",
      /expired 1 m/,
      /Log in/,
    ],
    [
      "a token for another service",
      { token: unsignedToken({ aud: "kube" }) },
      "token",
      /for kube, not for grad/,
      /Log in/,
    ],
  ];
for (const [what, world, check, message, hint] of broken) {
  Deno.test(`networkChecks() name ${what}, and nothing else`, async () => {
    const found = await (findings(world)).found();
    const wrong = Object.values(found).filter(({ state }) => state !== "ok");
    assert.deepEqual(wrong.map(({ name }) => name), [check]);
    assert.match(wrong[0]!.message, message);
    assert.match(wrong[0]!.hint, hint);
  });
}

Deno.test("networkChecks() give up on an address that does not answer", async () => {
  const silent: NetworkSources["connect"] = (_, signal) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const { clock, found } = findings({ connect: silent });
  await Promise.resolve();
  await clock.advance(10_000);
  const { address } = await found();
  assert.match(address!.message, /does not answer within 10 s/);
  assert.match(address!.hint, /VPN/);
});

Deno.test("networkChecks() leave what lies behind a proxy to the handshake", async () => {
  const refuse = () => Promise.reject(new GradError("internal", "connected in spite of the proxy"));
  const found = await (findings({ env: { HTTPS_PROXY: "http://p" }, connect: refuse })).found();
  assert.deepEqual(Object.keys(found), ["address", "token"]);
  assert.match(found["address"]!.message, /through the proxy of HTTPS_PROXY/);
});
