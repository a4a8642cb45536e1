/**
 * The bounded queue before an actor. When it is full a message is refused, never dropped; messages of which only the
 * latest matters name a key: one of each key may wait, in any case, and a newer one takes its place.
 */

export interface MailboxPolicy<M> {
  /** Messages without a key that may wait. */
  readonly capacity: number;
  /** A key for messages of which only the latest matters; undefined for all others. */
  readonly coalesce?: (message: M) => string | undefined;
}

interface Slot<E> {
  envelope: E;
}

/** `M` is what the policy judges, `E` what is queued (the message with its reply). */
export class Mailbox<M, E extends { readonly message: M }> {
  readonly #policy: MailboxPolicy<M>;
  #queue: Slot<E>[] = [];
  #head = 0;
  /** What waits under a key; undefined while nothing does, which is nearly always and for nearly all mailboxes. */
  #latest: Map<string, Slot<E>> | undefined;

  constructor(policy: MailboxPolicy<M>) {
    this.#policy = policy;
  }

  get size(): number {
    return this.#queue.length - this.#head;
  }

  /** @returns false when the mailbox is full; the message is then not queued. */
  push(envelope: E): boolean {
    const key = this.#policy.coalesce?.(envelope.message);
    const waiting = key === undefined ? undefined : this.#latest?.get(key);
    if (waiting !== undefined) {
      waiting.envelope = envelope;
      return true;
    }
    if (key === undefined && this.size - (this.#latest?.size ?? 0) >= this.#policy.capacity) return false;
    const slot = { envelope };
    this.#queue.push(slot);
    if (key !== undefined) {
      this.#latest ??= new Map();
      this.#latest.set(key, slot);
    }
    return true;
  }

  shift(): E | undefined {
    const slot = this.#queue[this.#head];
    if (slot === undefined) return undefined;
    this.#head += 1;
    if (this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    const key = this.#policy.coalesce?.(slot.envelope.message);
    if (key !== undefined) this.#latest?.delete(key);
    if (this.#latest?.size === 0) this.#latest = undefined;
    return slot.envelope;
  }

  /** Empties the mailbox and returns what was in it. */
  drain(): readonly E[] {
    const rest = this.#queue.slice(this.#head).map((slot) => slot.envelope);
    this.#queue = [];
    this.#head = 0;
    this.#latest = undefined;
    return rest;
  }
}
