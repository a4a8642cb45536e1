/**
 * The supervisor, written once: starts its children in order, stops them in reverse order, and restarts what crashed,
 * by one of two strategies. A child that crashes more often than its intensity allows is either suspended for a while
 * or, if it is essential, takes the whole supervisor down, and the supervisor's own supervisor decides.
 */
import type { Clock, TimerHandle } from "../../clock/clock.js";
import { ActorError, errorText } from "./errors.js";
import { type Lifecycle, type LifecycleEvent, type LifecycleState, lived, UNBORN } from "./lifecycle.machine.js";
import type { CrashListener, StopReason, Supervised } from "./supervised.js";
import { type Inside, PLAIN_ACTOR, type TreeNode, type TreeScope } from "./tree-view.js";

/** one_for_one: only what crashed. rest_for_one: what crashed and everything that was started after it. */
export type Strategy = "one_for_one" | "rest_for_one";

/** At most `restarts` restarts of a child within `withinMs`; the next crash exceeds it. */
export interface Intensity {
  readonly restarts: number;
  readonly withinMs: number;
}

export interface ChildSpec {
  readonly id: string;
  readonly child: Supervised;
  /** What to do when the intensity is exceeded. Suspended children are started again after `suspendMs`. */
  readonly onExhausted: "escalate" | { readonly suspendMs: number };
}

export interface SupervisorOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly strategy: Strategy;
  readonly intensity: Intensity;
  /** Told of every change in the life of a child, for logs and snapshots. */
  readonly onLifecycle?: (changed: LifecycleChanged) => void;
}

export interface LifecycleChanged {
  readonly path: string;
  readonly from: LifecycleState;
  readonly to: LifecycleState;
  readonly error: string | null;
  /** How often the child was started until now. */
  readonly starts: number;
}

/** A child as the operator sees it. `sinceMs`: Unix time in milliseconds at which it entered the state. */
export interface ChildView {
  readonly id: string;
  readonly state: LifecycleState;
  readonly sinceMs: number;
  readonly starts: number;
  readonly crashes: number;
  readonly lastError: string | null;
}

interface Slot {
  readonly spec: ChildSpec;
  lifecycle: Lifecycle;
  sinceMs: number;
  /** Monotonic times of the restarts inside the intensity's window. */
  restarts: readonly number[];
  resume: TimerHandle | undefined;
}

/** Shared by all children that were never restarted, which are nearly all. */
const NO_RESTARTS: readonly number[] = [];

export class Supervisor implements Supervised {
  readonly #options: SupervisorOptions;
  readonly #slots = new Map<string, Slot>();
  /** Supervision happens one step at a time: a crash during a restart is handled after it. */
  #work: Promise<void> = Promise.resolve();
  #running = false;
  #onCrash: CrashListener = () => undefined;

  constructor(options: SupervisorOptions, specs: readonly ChildSpec[] = []) {
    this.#options = options;
    for (const spec of specs) this.#register(spec);
  }

  onCrash(listener: CrashListener): void {
    this.#onCrash = listener;
  }

  start(): Promise<void> {
    return this.#step(async () => {
      this.#running = true;
      for (const slot of this.#slots.values()) slot.restarts = NO_RESTARTS;
      await this.#startAll([...this.#slots.values()]);
    });
  }

  stop(reason: StopReason): Promise<void> {
    return this.#step(async () => {
      this.#running = false;
      await this.#stopAll([...this.#slots.values()], reason);
    });
  }

  /** Adds a child at the end of the order and, when the supervisor runs, starts it. */
  add(spec: ChildSpec): Promise<void> {
    return this.#step(async () => {
      const slot = this.#register(spec);
      if (this.#running) await this.#startAll([slot]);
    });
  }

  /** Stops a child and forgets it. Unknown ids are ignored. */
  remove(id: string): Promise<void> {
    return this.#step(async () => {
      const slot = this.#slots.get(id);
      if (slot === undefined) return;
      await this.#stopAll([slot], "shutdown");
      this.#slots.delete(id);
    });
  }

  /** Starts a suspended child now, with a clean record. Does nothing for a child in another state. */
  resume(id: string): Promise<void> {
    return this.#resume(id, 0);
  }

  child(id: string): ChildView | undefined {
    const slot = this.#slots.get(id);
    return slot && view(slot);
  }

  children(): readonly ChildView[] {
    return [...this.#slots.values()].map(view);
  }

  /** The children with everything below them, in their order. @param only the child of this id alone. */
  inside(scope: TreeScope, only?: string): Inside {
    const wanted = only === undefined ? [...this.#slots.values()] : [this.#slots.get(only) ?? []].flat();
    return { kind: "supervisor", mailbox: null, children: wanted.map((slot) => node(slot, scope)) };
  }

  /** @param counted restarts that count as used already. */
  #resume(id: string, counted: number): Promise<void> {
    return this.#step(async () => {
      const slot = this.#slots.get(id);
      if (!this.#running || slot?.lifecycle.value !== "suspended") return;
      this.#options.clock.clearTimeout(slot.resume);
      slot.restarts = Array.from({ length: counted }, () => this.#options.clock.monotonic());
      await this.#restart(this.#affected(slot));
    });
  }

  #register(spec: ChildSpec): Slot {
    if (this.#slots.has(spec.id)) throw new Error(`${this.#options.path} has a child '${spec.id}' already`);
    const sinceMs = this.#options.clock.now();
    const slot: Slot = { spec, lifecycle: UNBORN, sinceMs, restarts: NO_RESTARTS, resume: undefined };
    this.#slots.set(spec.id, slot);
    return slot;
  }

  #step(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }

  /** Starts children in order. One that fails to start is treated like one that crashed. */
  async #startAll(slots: readonly Slot[]): Promise<void> {
    for (const slot of slots) {
      if (!this.#running) return;
      const error = await this.#startOne(slot);
      if (error !== undefined) {
        await this.#handleCrash(slot, error);
        // The restart has started (or given up) this child and, under rest_for_one, all that follow.
        if (this.#options.strategy === "rest_for_one") return;
      }
    }
  }

  async #startOne(slot: Slot): Promise<unknown> {
    this.#move(slot, { type: "STARTING" });
    const starts = slot.lifecycle.context.starts;
    slot.spec.child.onCrash((error) => {
      void this.#step(async () => {
        const current = slot.lifecycle.context.starts === starts && slot.lifecycle.value === "running";
        if (current && this.#running) await this.#handleCrash(slot, error);
      });
    });
    try {
      await slot.spec.child.start();
    } catch (error) {
      return error ?? new Error("start failed");
    }
    this.#move(slot, { type: "STARTED" });
    return undefined;
  }

  async #handleCrash(slot: Slot, error: unknown): Promise<void> {
    this.#move(slot, { type: "CRASHED", error: errorText(error) });
    const affected = this.#affected(slot);
    await this.#stopAll(
      affected.filter((other) => other !== slot && isUp(other)),
      "restart",
    );
    if (this.#mayRestart(slot)) {
      await this.#restart(affected);
    } else if (slot.spec.onExhausted === "escalate") {
      await this.#escalate(slot, error);
    } else {
      await this.#suspend(slot, slot.spec.onExhausted.suspendMs);
      await this.#startAll(affected.filter((other) => other !== slot && isDown(other)));
    }
  }

  /** Counts the restart and tells whether the intensity allows it. */
  #mayRestart(slot: Slot): boolean {
    const { restarts, withinMs } = this.#options.intensity;
    const now = this.#options.clock.monotonic();
    const recent = slot.restarts.filter((at) => at > now - withinMs);
    const may = recent.length < restarts;
    slot.restarts = may ? [...recent, now] : recent;
    return may;
  }

  async #restart(slots: readonly Slot[]): Promise<void> {
    await this.#stopAll(slots.filter(isUp), "restart");
    await this.#startAll(slots.filter((slot) => isDown(slot) || slot === slots[0]));
  }

  async #suspend(slot: Slot, suspendMs: number): Promise<void> {
    // An actor keeps its mailbox through a crash; a suspended one must answer that it is away.
    await slot.spec.child.stop("shutdown");
    this.#move(slot, { type: "SUSPENDED" });
    // On probation: one more crash inside the window suspends it again.
    const { clock, intensity } = this.#options;
    slot.resume = clock.setTimeout(() => void this.#resume(slot.spec.id, intensity.restarts), suspendMs);
  }

  async #escalate(slot: Slot, cause: unknown): Promise<void> {
    this.#running = false;
    // Whoever is told decides between a restart and a shutdown; until then nothing that waits is refused.
    await this.#stopAll([...this.#slots.values()], "restart");
    const { restarts, withinMs } = this.#options.intensity;
    const message = `${slot.spec.id} crashed more than ${restarts} times in ${withinMs / 1000} s, at last with: ${errorText(cause)}`;
    this.#onCrash(new ActorError("restart_intensity_exceeded", this.#options.path, message, { cause }));
  }

  async #stopAll(slots: readonly Slot[], reason: StopReason): Promise<void> {
    for (const slot of [...slots].reverse()) {
      this.#options.clock.clearTimeout(slot.resume);
      this.#move(slot, { type: "STOPPING" });
      await slot.spec.child.stop(reason);
      this.#move(slot, { type: "STOPPED" });
    }
  }

  #affected(slot: Slot): readonly Slot[] {
    if (this.#options.strategy === "one_for_one") return [slot];
    const slots = [...this.#slots.values()];
    return slots.slice(slots.indexOf(slot));
  }

  #move(slot: Slot, event: LifecycleEvent): void {
    const from = slot.lifecycle.value;
    slot.lifecycle = lived(slot.lifecycle, event);
    const to = slot.lifecycle.value;
    if (from === to) return;
    slot.sinceMs = this.#options.clock.now();
    const error = to === "crashed" || to === "suspended" ? slot.lifecycle.context.lastError : null;
    const { starts } = slot.lifecycle.context;
    this.#options.onLifecycle?.({ path: `${this.#options.path}/${slot.spec.id}`, from, to, error, starts });
  }
}

function isUp(slot: Slot): boolean {
  return slot.lifecycle.value === "running" || slot.lifecycle.value === "starting";
}

/** Stopped or crashed, and not suspended: to be started in its turn. */
function isDown(slot: Slot): boolean {
  return slot.lifecycle.value === "stopped" || slot.lifecycle.value === "crashed";
}

function view({ spec, lifecycle, sinceMs }: Slot): ChildView {
  const { starts, crashes, lastError } = lifecycle.context;
  return { id: spec.id, state: lifecycle.value, sinceMs, starts, crashes, lastError };
}

function node({ spec, lifecycle, sinceMs }: Slot, scope: TreeScope): TreeNode {
  const { starts, crashes, lastError } = lifecycle.context;
  const { kind, mailbox, children } = spec.child.inside?.(scope) ?? PLAIN_ACTOR;
  const since_ms = Math.round(sinceMs);
  return {
    name: spec.id,
    kind,
    state: lifecycle.value,
    since_ms,
    starts,
    crashes,
    last_error: lastError,
    mailbox,
    children,
  };
}
