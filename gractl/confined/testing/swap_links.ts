/**
 * An attacker: exchanges a folder and a link to another one as fast as it can, until it is killed. Prints a line when it starts.
 *
 * Arguments: the folder that is attacked, the folder to which writes are to be led.
 */
import { renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const [dir, outside] = Deno.args as [string, string];
const [folder, aside, link] = ["sub", "aside", "link"].map((name) => join(dir, name)) as [
  string,
  string,
  string,
];
symlinkSync(outside, link);
console.log("swapping");
for (;;) {
  // Both names always exist: a folder and a link to another folder take turns at the name "sub".
  renameSync(folder, aside);
  renameSync(link, folder);
  renameSync(folder, link);
  renameSync(aside, folder);
}
