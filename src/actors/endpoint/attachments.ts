/** Who is attached to which stream of a market, and which connection serves them. Several may share a stream. */
import type { StreamListener } from "../feed/exchange-port.js";
import type { StreamSlot } from "./stream-slot.js";

export interface Attached {
  readonly stream: string;
  readonly listener: StreamListener;
  /** The connection that answers for the stream; undefined while waiting for one. */
  slot: StreamSlot | undefined;
  /** The listener knows that the subscription stands. */
  subscribed: boolean;
}

export class Attachments {
  readonly #all = new Set<Attached>();
  readonly #byStream = new Map<string, Set<Attached>>();

  /** Streams that somebody is attached to. */
  get streams(): number {
    return this.#byStream.size;
  }

  add(stream: string, listener: StreamListener): Attached {
    const attached: Attached = { stream, listener, slot: undefined, subscribed: false };
    this.#all.add(attached);
    this.#byStream.set(stream, (this.#byStream.get(stream) ?? new Set()).add(attached));
    return attached;
  }

  /** @returns what is left of its stream; `unknown` if it had been removed before. */
  remove(attached: Attached): "unknown" | "shared" | "unwanted" {
    if (!this.#all.delete(attached)) return "unknown";
    const sharers = this.#byStream.get(attached.stream);
    sharers?.delete(attached);
    if (sharers?.size !== 0) return "shared";
    this.#byStream.delete(attached.stream);
    return "unwanted";
  }

  /** Forgets everyone. @returns whom. */
  clear(): readonly Attached[] {
    const all = [...this.#all];
    this.#all.clear();
    this.#byStream.clear();
    return all;
  }

  /** A copy: what is told to one of them may attach or detach others. */
  of(stream: string): readonly Attached[] {
    return [...(this.#byStream.get(stream) ?? [])];
  }

  /** Those served by a connection; of undefined, those that wait for one. */
  on(slot: StreamSlot | undefined): readonly Attached[] {
    return [...this.#all].filter((attached) => attached.slot === slot);
  }

  /** Tells a listener, once, that its subscription stands. */
  subscribed(attached: Attached): void {
    if (attached.subscribed || !this.#all.has(attached)) return;
    attached.subscribed = true;
    attached.listener.subscribed();
  }
}
