import type { Event } from "../../client/executions.ts";

const OUTPUT: readonly Event["type"][] = ["stdout", "stderr", "display", "result"];

/** Follows the wishes of code to remove what it has shown: clear_output() of IPython. */
export class Clears {
  #waits = false;

  /** Whether everything that was shown is to be removed before this event. */
  before(event: Event): boolean {
    if (event.type === "clear") {
      this.#waits = event.wait;
      return !event.wait;
    }
    if (!this.#waits || !OUTPUT.includes(event.type)) return false;
    this.#waits = false;
    return true;
  }
}
