import { z } from "zod";
import { GradError } from "../../shared/errors.ts";
import { parseDuration } from "../../shared/duration.ts";
import { NAME } from "../../shared/names.ts";
import { cpuMillis, mebibytes } from "./quantity.ts";

/** A quantity may stand without quotes. */
const quantityText = z.preprocess((value) => typeof value === "number" ? String(value) : value, z.string());

const cpu = quantityText.transform((text, context) =>
  cpuMillis(text) ?? refused(context, 'is not an amount of CPU; write cores, such as "2" or "500m"')
);
const mebibytesOf = quantityText.transform((text, context) =>
  mebibytes(text) ?? refused(context, 'is not an amount of bytes; write it with a unit, such as "4Gi"')
);

function refused(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

const resources = z.strictObject({ cpu, memory: mebibytesOf, storage: mebibytesOf }).transform((
  { cpu, memory, storage },
) => ({ cpuMillis: cpu, memoryMib: memory, storageMib: storage }));

const RESOURCES = ["cpuMillis", "memoryMib", "storageMib"] as const;

/** "12h" or "30d" in milliseconds; `never` is `null`. */
const duration = z.string().transform((text, context): number | null => {
  if (text === "never") return null;
  try {
    return parseDuration(text);
  } catch (thrown) {
    if (!(thrown instanceof GradError)) throw thrown;
    return refused(context, 'is not a duration; write one such as "12h" or "30d", or "never"');
  }
});

const path = z.string().regex(
  /^\/[^\p{Cc}]+$/u,
  "is not an absolute path; write one, such as /etc/grad/tls/tls.crt",
);

const HOST_PORT = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i;

/** An address to listen at. */
const hostPort = z.string().transform((text, context) => {
  const [, ipv6, name, port] = HOST_PORT.exec(text) ?? [];
  const hostname = ipv6 ?? name;
  if (hostname === undefined || Number(port) > 65_535) {
    return refused(context, "is not an address to listen at; write ADDRESS:PORT, such as 0.0.0.0:50051");
  }
  return { hostname, port: Number(port) };
});

const files = z.strictObject({
  certificate: path.describe("the absolute path of a certificate in PEM"),
  key: path.describe("the absolute path of its key in PEM"),
});

/** `*.example.com:443` or `s3.grad.svc:7070`. */
const endpoint = z.string().regex(
  /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*:\d{1,5}$/,
  'is not an endpoint; write HOST:PORT in lower case, with "*." in front for all hosts of a domain',
);

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(["Exists", "Equal"]).optional(),
  value: z.string().optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
  tolerationSeconds: z.int().optional(),
});

const image = z.string().min(1, "is empty; write the image of runners").describe("`image:`, that of runners");

const environment = (runnerImage: string | undefined) =>
  z.strictObject({
    image: runnerImage === undefined ? image : image.default(runnerImage),
    resources: z.strictObject({
      default: resources.describe("`default:` with cpu, memory and storage"),
      largest: resources.optional(),
    }).refine(
      ({ default: given, largest }) =>
        largest === undefined || RESOURCES.every((resource) => given[resource] <= largest[resource]),
      "has a default that is more than the largest; correct one of them",
    ).describe("`resources:` with `default:` below it"),
    requests: z.strictObject({ cpu: cpu.default(50), memory: mebibytesOf.default(128) }).default({
      cpu: 50,
      memory: 128,
    }),
    egress: z.boolean().default(false),
    nodeSelector: z.record(z.string(), z.string()).default({}),
    tolerations: z.array(toleration).default([]),
    runtimeClassName: z.string().default(""),
  });

/** `runnerImage` is the image of environments that name none. */
export const clusterSchema = (runnerImage: string | undefined) =>
  z.strictObject({
    apiVersion: z.literal("grad.dev/v1alpha1").describe("`apiVersion: grad.dev/v1alpha1`"),
    kind: z.literal("GradConfiguration").describe("`kind: GradConfiguration`"),
    listen: hostPort.default({ hostname: "0.0.0.0", port: 50_051 }),
    health: hostPort.default({ hostname: "0.0.0.0", port: 8_080 }),
    tls: files.describe("`tls:` with the paths of certificate and key"),
    runners: z.strictObject({
      namespace: z.string().regex(
        /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
        "is not the name of a namespace; correct it",
      )
        .describe("`namespace:`, that of runners"),
      storageClassName: z.string().default(""),
      authority: files.describe("`authority:` with the paths of certificate and key"),
      idle: z.strictObject({
        pauseAfter: duration.default(parseDuration("12h")),
        destroyPausedAfter: duration.default(parseDuration("30d")),
        endSessionAfter: duration.default(parseDuration("12h")),
      }).prefault({}),
      s3Endpoints: z.array(endpoint).default([]),
    }).describe("`runners:` with namespace and authority"),
    admins: z.array(z.string().min(1)).default(["grad:admins"]),
    environments: z.record(
      z.string().regex(NAME, "is not a name; use a letter, then up to 39 of a-z, 0-9 and -"),
      environment(runnerImage),
    ).refine((all) => Object.keys(all).length > 0, "is empty; describe an environment, such as `default`")
      .describe("`environments:` with at least one"),
  });
