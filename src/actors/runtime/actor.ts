/**
 * The actor: a behaviour, a bounded mailbox before it, and a name. It handles one message at a time, in the order of
 * arrival. A throw while handling is a crash: the message's asker is told, the behaviour is thrown away, and the
 * supervisor decides; the messages behind it wait for the new incarnation. The reference stays the same throughout.
 */
import type { Clock } from "../../clock/clock.js";
import { ActorError, errorText } from "./errors.js";
import { Mailbox, type MailboxPolicy } from "./mailbox.js";
import type { CrashListener, StopReason, Supervised } from "./supervised.js";
import type { Inside } from "./tree-view.js";

/** Where the answer to an asked message goes. Only the first call counts. */
export interface Reply<R> {
  resolve(value: R): void;
  /** For answers that are errors without being a crash, such as bad input. */
  reject(error: Error): void;
}

/** What an actor does. Every incarnation gets a new one, which restores itself from what is stored. */
export interface Behavior<M> {
  /** Runs before the first message. A throw is a crash. */
  start?(): void | Promise<void>;
  /** Handles one message; the next one waits until the returned promise settles. A throw is a crash. */
  receive(message: M): void | Promise<void>;
  /** Gives back what the incarnation holds; after a crash its state is not to be trusted. */
  stop?(reason: "crash" | StopReason): void | Promise<void>;
}

/** How others see an actor. */
export interface ActorRef<M> {
  readonly path: string;
  /** @returns false when the message was refused: mailbox full, or actor stopped. */
  tell(message: M): boolean;
  /**
   * Sends a message that carries where its answer goes.
   * @throws ActorError `mailbox_full`, `actor_unavailable` or `actor_crashed`, or what the behaviour rejects with.
   */
  ask<R>(build: (reply: Reply<R>) => M): Promise<R>;
}

export interface ActorOptions<M> {
  readonly path: string;
  readonly clock: Clock;
  readonly mailbox: MailboxPolicy<M>;
  /** Called with the first message that a full mailbox refuses, and again after it has taken some. */
  readonly onFull?: (path: string) => void;
  /** Called with every message that a full mailbox refuses. */
  readonly onRefused?: (path: string) => void;
  /** Makes the behaviour of one incarnation. */
  readonly create: (self: ActorRef<M>) => Behavior<M>;
}

interface Envelope<M> {
  readonly message: M;
  readonly reject?: ((error: Error) => void) | undefined;
}

/** A stop waits no longer than this for the message that is being handled, in milliseconds. */
const STOP_WAIT_MS = 2_000;

/** Messages handled in one turn of the event loop before others get theirs. */
const MESSAGES_PER_TURN = 64;

/** In `starting`, `paused` and `crashed` messages wait for the next incarnation; in `stopping` and `stopped` they are refused. */
type Phase = "stopped" | "starting" | "running" | "paused" | "stopping" | "crashed";

export class Actor<M> implements ActorRef<M>, Supervised {
  readonly path: string;
  readonly #options: ActorOptions<M>;
  readonly #mailbox: Mailbox<M, Envelope<M>>;
  #phase: Phase = "stopped";
  #behavior: Behavior<M> | undefined;
  /** The message that is being handled, while its promise is open. */
  #handling: Promise<void> | undefined;
  #draining = false;
  #isFull = false;
  #refused = 0;
  #onCrash: CrashListener = () => undefined;

  constructor(options: ActorOptions<M>) {
    this.path = options.path;
    this.#options = options;
    this.#mailbox = new Mailbox(options.mailbox);
  }

  get mailboxSize(): number {
    return this.#mailbox.size;
  }

  inside(): Inside {
    const mailbox = { waiting: this.#mailbox.size, bound: this.#options.mailbox.capacity, refused: this.#refused };
    return { kind: "actor", mailbox, children: [] };
  }

  tell(message: M): boolean {
    return this.#deliver({ message }) === undefined;
  }

  ask<R>(build: (reply: Reply<R>) => M): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const refusal = this.#deliver({ message: build({ resolve, reject }), reject });
      if (refusal !== undefined) reject(refusal);
    });
  }

  onCrash(listener: CrashListener): void {
    this.#onCrash = listener;
  }

  async start(): Promise<void> {
    this.#phase = "starting";
    const behavior = this.#options.create(this);
    this.#behavior = behavior;
    try {
      await behavior.start?.();
    } catch (error) {
      this.#phase = "crashed";
      await this.#discard("crash");
      throw error;
    }
    this.#phase = "running";
    this.#drain();
  }

  async stop(reason: StopReason): Promise<void> {
    this.#phase = reason === "restart" ? "paused" : "stopping";
    await this.#handlingOrLimit();
    await this.#discard(reason);
    if (reason === "restart") return;
    this.#phase = "stopped";
    for (const { reject } of this.#mailbox.drain()) reject?.(this.#unavailable());
  }

  async #handlingOrLimit(): Promise<void> {
    const handling = this.#handling;
    if (handling === undefined) return;
    const { clock } = this.#options;
    await new Promise<void>((resolve) => {
      const limit = clock.ioTimeout(resolve, STOP_WAIT_MS);
      void handling.then(() => {
        clock.clearTimeout(limit);
        resolve();
      });
    });
  }

  #deliver(envelope: Envelope<M>): ActorError | undefined {
    if (this.#phase === "stopped" || this.#phase === "stopping") return this.#unavailable();
    if (!this.#mailbox.push(envelope)) {
      const { onFull, onRefused, mailbox } = this.#options;
      const { capacity } = mailbox;
      this.#refused += 1;
      onRefused?.(this.path);
      if (!this.#isFull) onFull?.(this.path);
      this.#isFull = true;
      return new ActorError("mailbox_full", this.path, `${capacity} messages are waiting; try again later`);
    }
    this.#isFull = false;
    this.#drain();
    return undefined;
  }

  /** Handles waiting messages until the mailbox is empty, one of them needs time, or the turn is used up. */
  #drain(): void {
    if (this.#draining || this.#handling !== undefined) return;
    this.#draining = true;
    let left = MESSAGES_PER_TURN;
    while (this.#phase === "running" && this.#handling === undefined && left > 0) {
      const envelope = this.#mailbox.shift();
      if (envelope === undefined) break;
      this.#handle(envelope);
      left -= 1;
    }
    this.#draining = false;
    if (left === 0 && this.#mailbox.size > 0) this.#options.clock.immediate(() => this.#drain());
  }

  #handle(envelope: Envelope<M>): void {
    const behavior = this.#behavior as Behavior<M>;
    try {
      const pending = behavior.receive(envelope.message);
      if (pending === undefined) return;
      this.#handling = pending
        .catch((error: unknown) => this.#crash(error, envelope, behavior))
        .finally(() => {
          this.#handling = undefined;
          this.#drain();
        });
    } catch (error) {
      this.#crash(error, envelope, behavior);
    }
  }

  #crash(error: unknown, envelope: Envelope<M>, behavior: Behavior<M>): void {
    const crashed = new ActorError("actor_crashed", this.path, errorText(error), { cause: error });
    envelope.reject?.(crashed);
    // An incarnation that was stopped before its message ended does not bring down the next one.
    if (this.#phase !== "running" || this.#behavior !== behavior) return;
    this.#phase = "crashed";
    void this.#discard("crash").finally(() => this.#onCrash(error));
  }

  async #discard(reason: "crash" | StopReason): Promise<void> {
    const behavior = this.#behavior;
    this.#behavior = undefined;
    try {
      await behavior?.stop?.(reason);
    } catch {
      // What cannot be given back by a failed incarnation must not keep the next one from starting.
    }
  }

  #unavailable(): ActorError {
    return new ActorError("actor_unavailable", this.path, `it is ${this.#phase}`);
  }
}
