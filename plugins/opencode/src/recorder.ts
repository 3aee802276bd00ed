/** From an event to what is durable: maps it, queues it, and wakes up when something is due. Nothing here throws into the host. */

import type { Clock } from "./clock.js";
import { Delivery, type Means } from "./delivery.js";
import type { Item } from "./envelope.js";
import { plainCopy } from "./json.js";
import { mapEvent, type Place } from "./map.js";
import { Memory } from "./memory.js";
import { entryOf, Queue } from "./queue.js";
import { Schedule, type Waiting } from "./schedule.js";

export class Recorder {
  readonly #place: Place;
  readonly #means: Means;
  readonly #clock: Clock;
  readonly #memory = new Memory();
  readonly #queue = new Queue();
  readonly #schedule: Schedule;
  readonly #delivery: Delivery;
  #cancel: () => void = () => {};
  #wakesAt = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(place: Place, means: Means) {
    this.#place = place;
    this.#means = means;
    this.#clock = means.clock;
    this.#schedule = new Schedule(means.limits);
    this.#delivery = new Delivery(this.#queue, means, () => this.#arm());
    void this.#delivery.look();
  }

  /** Takes an event. It costs the host the time to copy it; processes and files are for later. */
  see(event: unknown): void {
    for (const item of this.#itemsOf(event)) this.#take(item);
    this.#delivery.relieve();
    this.#arm();
  }

  /** Brings everything to safety within three seconds. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    const way = this.#queue.length === 0 ? "outbox" : this.#schedule.last();
    await this.#delivery.close(way);
  }

  /** The same at once, at the end of the host's process. */
  abandon(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#delivery.abandon();
  }

  #itemsOf(event: unknown): readonly Item[] {
    const sight = { observedAt: this.#clock.now(), memory: this.#memory, place: this.#place };
    try {
      return mapEvent(event, sight);
    } catch {
      this.#sayCut();
      return mapEvent(plainCopy(event), sight);
    }
  }

  #take(item: Item): void {
    if (this.#queue.isNoise(item)) return;
    const now = this.#clock.ticks();
    const { entry, isCut } = entryOf(item, now);
    if (isCut) this.#sayCut();
    this.#queue.add(item, entry);
    if (item.signal !== undefined) this.#schedule.signal(item.signal, now);
  }

  #waiting(): Waiting {
    return { oldest: this.#queue.oldest, bytes: this.#queue.bytes };
  }

  /** Sets the timer for what is due next; one timer at a time. */
  #arm(): void {
    if (this.#isClosed) return;
    const next = this.#schedule.next(this.#waiting(), this.#delivery.readiness) ?? Number.POSITIVE_INFINITY;
    if (next === this.#wakesAt) return;
    this.#cancel();
    this.#wakesAt = next;
    this.#cancel = next === Number.POSITIVE_INFINITY ? () => {} : this.#clock.after(next - this.#clock.ticks(), () => this.#wake());
  }

  #wake(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const way = this.#schedule.due(this.#waiting(), this.#delivery.readiness, this.#clock.ticks());
    if (way !== undefined) this.#delivery.flush(way);
    this.#arm();
  }

  #sayCut(): void {
    this.#means.notices.once("cut", "an event could not be read as a whole; what could be read of it is kept");
  }
}
