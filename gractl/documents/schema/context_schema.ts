import { z } from "zod";

export const contextList = z.object({
  items: z.array(z.object({
    name: z.string(),
    address: z.string().describe("https://host[:port], or unix:/path"),
    certificateAuthority: z.string().nullable().describe(
      "path of its certificates; null: those of the system",
    ),
    tokenFile: z.string().nullable().describe("path of the file with the token; null: none"),
    file: z.string().describe("the file that describes the context"),
  })),
}).describe("The user's contexts, ordered by name. The grad of this machine, local, is none of them.");
