import { basename, dirname, join, relative } from "node:path";
import { configFolder } from "../../shared/local_paths.ts";
import type { Ids } from "../../shared/ids.ts";
import { makePrivateFolder } from "../../shared/make_private_folder.ts";
import { writeDestination } from "../confined/destination.ts";
import { addressText, type Context } from "./context.ts";
import { contextsFolder, type ContextsOf } from "./context_names.ts";

/** The file that describes a context. */
export function contextFile(env: ContextsOf["env"], name: string): string {
  return join(contextsFolder(env), `${name}.yaml`);
}

/** Where gractl keeps tokens and CAs' certificates of contexts. */
export function credentialsFolder(env: ContextsOf["env"]): string {
  return join(configFolder(env), "credentials");
}

/** The file in which gractl keeps a context's token. */
export function tokenFile(env: ContextsOf["env"], name: string): string {
  return join(credentialsFolder(env), `${name}.token`);
}

/** The file in which gractl keeps the certificates of a context's CA. */
export function authorityFile(env: ContextsOf["env"], name: string): string {
  return join(credentialsFolder(env), `${name}-ca.pem`);
}

/** Makes the folders of contexts and credentials, which only the user can open. @throws {GradError} as `makePrivateFolder` */
export function makeContextFolders({ env, uid }: ContextsOf): void {
  const variable = "XDG_CONFIG_HOME";
  for (
    const [path, what] of [
      [configFolder(env), "configuration folder"],
      [contextsFolder(env), "folder of contexts"],
      [credentialsFolder(env), "folder of credentials"],
    ] as const
  ) makePrivateFolder({ path, uid, what, variable, followLink: true });
}

/** Writes a context's file, and before it the certificates of its CA where they are given. Only the user can open both. */
export function saveContext(context: Context, authority: string | undefined, ids: Ids): void {
  if (authority !== undefined) writeOwn(context.certificateAuthority, authority, ids);
  writeOwn(context.file, contextText(context), ids);
}

function writeOwn(path: string, text: string, ids: Ids): void {
  writeDestination({ root: dirname(path), path: [basename(path)] }, text, {
    ids,
    exclusive: false,
    mode: 0o600,
  });
}

/** A context as its file has it. Files of gractl's own configuration are relative, so that the folder can be moved. */
export function contextText(context: Context): string {
  const { file, name, address, certificateAuthority, serverName, tokenFile, serviceAccount } = context;
  const own = dirname(dirname(file));
  // A text of JSON is one of YAML.
  const value = JSON.stringify;
  const path = (each: string) => value(each.startsWith(`${own}/`) ? relative(dirname(file), each) : each);
  const lines = [
    "# Written by `gractl login`.",
    "apiVersion: gractl/v1",
    "kind: Context",
    `name: ${name}`,
    `address: ${value(addressText(address))}`,
  ];
  if (certificateAuthority !== "") lines.push(`certificateAuthority: ${path(certificateAuthority)}`);
  if (serverName !== "") lines.push(`serverName: ${value(serverName)}`);
  if (tokenFile !== "") lines.push(`tokenFile: ${path(tokenFile)}`);
  if (serviceAccount !== undefined) {
    lines.push("# gractl renews the token with kubectl.", "serviceAccount:");
    for (const [key, text] of Object.entries(serviceAccount)) {
      if (text !== "") lines.push(`  ${key}: ${value(text)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
