import { formatSize } from "../../shared/size.ts";
import type { Output } from "../ui/output.ts";

/** A callback that shows the progress of a transfer on a terminal. */
export function transferProgress(out: Output, path: string): (done: number, total: number) => void {
  return (done, total) =>
    out.progress(
      done >= total
        ? undefined
        : `${path}: ${formatSize(done)} of ${formatSize(total)} (${Math.floor(100 * done / total)} %)`,
    );
}
