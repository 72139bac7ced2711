import { join } from "node:path";
import { type TempDir, tempDir } from "../../workspace/testing/temp_dir.ts";

/** A home folder with contexts in it, each with its address. */
export async function contextHome(contexts: Readonly<Record<string, string>>): Promise<TempDir> {
  const home = await tempDir();
  await writeContexts(home.path, contexts);
  return home;
}

/** Writes the files of contexts below a home folder, as only their user can open them. */
export async function writeContexts(home: string, contexts: Readonly<Record<string, string>>): Promise<void> {
  const folder = join(home, ".config/gractl/contexts");
  await Deno.mkdir(folder, { recursive: true });
  for (const path of [join(folder, ".."), folder]) await Deno.chmod(path, 0o700);
  for (const [name, address] of Object.entries(contexts)) {
    const text = `apiVersion: gractl/v1\nkind: Context\nname: ${name}\naddress: ${address}\n`;
    await Deno.writeTextFile(join(folder, `${name}.yaml`), text, { mode: 0o600 });
  }
}
