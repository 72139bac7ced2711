import { z } from "zod";
import { instant } from "./values.ts";

export const contextList = z.object({
  items: z.array(z.object({
    name: z.string(),
    address: z.string().describe("https://host[:port], or unix:/path"),
    certificateAuthority: z.string().nullable().describe(
      "path of its certificates; null: those of the system",
    ),
    serverName: z.string().nullable().describe("name in the server's certificate; null: the address's host"),
    tokenFile: z.string().nullable().describe("path of the file with the token; null: none"),
    serviceAccount: z.string().nullable().describe(
      "namespace/name whose tokens gractl gets with kubectl; null: gractl does not renew the token",
    ),
    tokenExpiresAt: instant.nullable().describe("null: there is no token, or it does not say"),
    file: z.string().describe("the file that describes the context"),
  })),
}).describe("The user's contexts, ordered by name. The grad of this machine, local, is none of them.");

export const login = z.object({
  context: z.string(),
  address: z.string().describe("https://host[:port]"),
  owner: z.string().describe("who you are to grad"),
  version: z.string().describe("that of grad"),
  backend: z.string().describe("that of grad"),
  tokenFile: z.string().describe("path of the file with the token"),
  tokenExpiresAt: instant.nullable().describe("null: it does not say"),
  renewed: z.boolean().describe("gractl renews the token before it expires"),
  file: z.string().describe("the file that describes the context"),
}).describe("A grad that you have logged in to.");

export const contextRemoval = z.object({
  name: z.string(),
  files: z.array(z.string()).describe("paths of the files that were removed"),
}).describe("A context that was removed.");
