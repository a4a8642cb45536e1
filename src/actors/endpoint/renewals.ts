/**
 * Renewals of a market's connections, one at a time: what is due waits in line. The machine says when what is done; here
 * it is done to the two connections. F10, F13; feed bounds: B3, B14, B23.
 */
import { type Actor, createActor } from "xstate";
import type { Clock } from "../../clock/clock.js";
import type { EventLog } from "../../observability/event-log.js";
import { HandOver } from "./hand-over.js";
import { type RenewalEffects, type RenewalEvent, renewalMachine } from "./renewal.machine.js";
import type { StreamSlot } from "./stream-slot.js";

/** Why a connection is renewed. */
export type RenewalCause =
  /** It is nearly as old as the exchange lets it get. */
  | "age"
  /** The exchange has announced that it will close it. */
  | "shutdown"
  /** One of its streams, or all, do not bring what the exchange has. */
  | "stalled"
  /** What it brings is old. */
  | "lag";

export interface RenewalsOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  /** Asks the dialer for another connection, or to ask its gate again. */
  readonly dial: () => void;
  /** The successor is to carry the streams as well, and answers for them. */
  readonly move: (old: StreamSlot, successor: StreamSlot) => void;
  /** The successor is given up: the old connection answers for its streams again. */
  readonly moveBack: (successor: StreamSlot, old: StreamSlot) => void;
  /** A connection is of no more use. */
  readonly close: (slot: StreamSlot) => void;
  readonly onFault: (error: unknown) => void;
}

interface Renewal {
  readonly old: StreamSlot;
  readonly cause: RenewalCause;
  readonly startedMs: number;
  /** Undefined until it starts. */
  actor: Actor<typeof renewalMachine> | undefined;
  /** The exchange expects to be dialed at once, and has not been yet. */
  announced: boolean;
  successor: { readonly slot: StreamSlot; readonly handOver: HandOver } | undefined;
}

export class Renewals {
  readonly #options: RenewalsOptions;
  readonly #due = new Map<StreamSlot, RenewalCause>();
  #present: Renewal | undefined;

  constructor(options: RenewalsOptions) {
    this.#options = options;
  }

  /** Renews a connection as soon as no other is being renewed. What is being renewed already is only hurried on. */
  request(slot: StreamSlot, cause: RenewalCause): void {
    if (this.#present?.old === slot) {
      if (cause === "shutdown") this.#hurry(this.#present);
      return;
    }
    if (!this.#due.has(slot) || cause === "shutdown") this.#due.set(slot, cause);
    this.#next();
  }

  /** A successor is to be dialed. */
  get wantsDial(): boolean {
    return this.#present?.actor?.getSnapshot().value === "dialing";
  }

  /** The next attempt is one that the exchange itself has asked for. */
  get announced(): boolean {
    return this.wantsDial && this.#present?.announced === true;
  }

  /** An attempt is being made. */
  dialed(): void {
    if (this.#present !== undefined) this.#present.announced = false;
  }

  /** What is becoming of a connection; undefined for one that no renewal concerns. */
  partOf(slot: StreamSlot): "renewing" | "retiring" | "successor" | undefined {
    if (this.#present?.old === slot) return this.#present.successor === undefined ? "renewing" : "retiring";
    return this.#present?.successor?.slot === slot ? "successor" : undefined;
  }

  /** A connection has opened: it becomes the successor, if one was asked for. */
  opened(slot: StreamSlot): void {
    const present = this.#present;
    if (present === undefined || !this.wantsDial) return;
    present.successor = { slot, handOver: new HandOver(present.old.streams, this.#options.clock.monotonic()) };
    this.#send({ type: "OPENED" });
    this.#send({ type: "DELIVERED" });
  }

  acknowledged(slot: StreamSlot, stream: string): void {
    if (this.partOf(slot) === "successor") this.#present?.successor?.handOver.acknowledged(stream);
  }

  delivered(slot: StreamSlot, stream: string): void {
    const part = this.partOf(slot);
    if (part !== "retiring" && part !== "successor") return;
    const side = part === "successor" ? "successor" : "old";
    this.#present?.successor?.handOver.delivered(side, stream, this.#options.clock.monotonic());
    if (side === "successor") this.#send({ type: "DELIVERED" });
  }

  /** Nobody wants the stream any longer. */
  removed(stream: string): void {
    const present = this.#present;
    if (present?.successor === undefined) return;
    present.successor.handOver.drop(stream);
    present.old.remove(stream);
    this.#send({ type: "DELIVERED" });
  }

  /** A connection has ended. @returns the successor that has taken over its streams, if there is one. */
  ended(slot: StreamSlot): StreamSlot | undefined {
    this.#due.delete(slot);
    const present = this.#present;
    const successor = present?.successor?.slot;
    if (successor === slot) this.#send({ type: "SUCCESSOR_ENDED" });
    if (present?.old !== slot) return undefined;
    this.#send({ type: "OLD_ENDED" });
    return successor;
  }

  stop(): void {
    this.#due.clear();
    this.#present?.actor?.stop();
    this.#present = undefined;
  }

  #next(): void {
    if (this.#present !== undefined) return;
    const due = [...this.#due].find(([, cause]) => cause === "shutdown") ?? [...this.#due][0];
    if (due === undefined) return;
    const [old, cause] = due;
    this.#due.delete(old);
    const { clock, log } = this.#options;
    const renewal: Renewal = {
      old,
      cause,
      startedMs: clock.monotonic(),
      actor: undefined,
      announced: cause === "shutdown",
      successor: undefined,
    };
    this.#present = renewal;
    log.info("renewal.started", { connection: old.id, cause, streams: old.size });
    const actor = createActor(renewalMachine, { input: { effects: this.#effects(renewal) }, clock });
    renewal.actor = actor;
    actor.subscribe({ complete: () => this.#over(renewal), error: this.#options.onFault });
    actor.start();
  }

  #effects(renewal: Renewal): RenewalEffects {
    const { clock, log, dial, move, moveBack, close } = this.#options;
    return {
      // Later, because the dialer asks whether a successor is wanted, and that is known when this transition is made.
      dial: () => clock.immediate(dial),
      begin: () => {
        if (renewal.successor !== undefined) move(renewal.old, renewal.successor.slot);
      },
      complete: () => renewal.successor?.handOver.complete ?? false,
      behind: () => (renewal.successor?.handOver.behind(clock.monotonic()).length ?? 0) > 0,
      finish: () => close(renewal.old),
      handBack: () => {
        const { successor } = renewal;
        if (successor === undefined) return;
        const behind = successor.handOver.behind(clock.monotonic());
        log.warn("renewal.handed_back", { connection: successor.slot.id, behind: behind.length, stream: behind[0] });
        renewal.successor = undefined;
        this.#due.delete(successor.slot);
        moveBack(successor.slot, renewal.old);
        close(successor.slot);
      },
    };
  }

  #hurry(present: Renewal): void {
    present.announced = true;
    this.#send({ type: "HURRY" });
  }

  #send(event: RenewalEvent): void {
    const actor = this.#present?.actor;
    if (actor?.getSnapshot().status === "active") actor.send(event);
  }

  #over({ actor, old, cause, startedMs }: Renewal): void {
    const { clock, log } = this.#options;
    const fields = { connection: old.id, cause, took_s: (clock.monotonic() - startedMs) / 1000 };
    if (actor?.getSnapshot().value === "done") log.info("renewal.done", fields);
    else log.warn("renewal.failed", fields);
    this.#present = undefined;
    this.#next();
  }
}
