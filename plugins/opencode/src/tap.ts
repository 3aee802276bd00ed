/** What one copy of the plugin does in one folder: records while the folder is its own. Never throws. */

import { claim, endedBefore, endWithHost, letGo } from "./claim.js";
import type { Means } from "./delivery.js";
import type { Place } from "./map.js";
import { Recorder } from "./recorder.js";

export class Tap {
  readonly #place: Place;
  readonly #means: Means;
  readonly #folder: string;
  #recorder: Recorder | undefined;

  constructor(place: Place, means: Means) {
    this.#place = place;
    this.#means = means;
    this.#folder = place.directory ?? "";
    claim(this.#folder, this);
  }

  /** Takes what the host hands to its `event` hook. */
  see(handed: unknown): void {
    try {
      if (!claim(this.#folder, this)) return;
      this.#recording().see((handed as { readonly event?: unknown } | undefined)?.event);
    } catch {
      // An event that cannot even be copied; the host must not hear of it.
    }
  }

  /** Brings everything to safety; takes at most three seconds. An event after it starts anew. */
  async dispose(): Promise<void> {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    letGo(this.#folder, this);
    try {
      await recorder?.close();
    } catch {
      recorder?.abandon();
    }
    if (recorder !== undefined) endedBefore(recorder);
  }

  #recording(): Recorder {
    if (this.#recorder !== undefined) return this.#recorder;
    const recorder = new Recorder(this.#place, this.#means);
    endWithHost(recorder);
    this.#recorder = recorder;
    return recorder;
  }
}
