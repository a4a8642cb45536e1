/**
 * The faults of one market that are switched on, and the one place where the simulator asks whether something should go
 * wrong. Deterministic: faults act in the order they were switched on, by scope, by exchange time and by count.
 */
import type { Delivery } from "../stream/delivery.js";
import type { Kline } from "../truth/kline.js";
import { type Fault, FaultError, hooksOf, parseFault } from "./catalogue.js";
import { covers, type FaultHooks, type FaultTarget } from "./definition.js";

/** Faults switched on at the same time on one market, at most. */
export const ACTIVE_FAULTS_LIMIT = 1_000;

interface Active {
  readonly id: number;
  readonly fault: Fault;
  readonly hooks: FaultHooks;
  readonly connections: ReadonlySet<number> | undefined;
  timesLeft: number;
}

export interface SwitchboardWorld {
  /** Exchange time, ms. */
  readonly now: () => number;
  /** Numbers of the connections that are open. */
  readonly openConnections: () => readonly number[];
  readonly switched: (action: "on" | "off", detail: { readonly id: number; readonly fault: Fault }) => void;
}

type HookName = keyof FaultHooks;
type HookArguments<H extends HookName> = Parameters<NonNullable<FaultHooks[H]>>;
type HookEffect<H extends HookName> = Exclude<ReturnType<NonNullable<FaultHooks[H]>>, undefined>;

export class FaultSwitchboard {
  readonly #world: SwitchboardWorld;
  #active: readonly Active[] = [];
  #lastId = 0;
  #version = 0;

  constructor(world: SwitchboardWorld) {
    this.#world = world;
  }

  /** Grows with every switch: what was derived from the truth before may be out of date. */
  get version(): number {
    return this.#version;
  }

  /**
   * Switches a fault on and returns its number.
   * @throws FaultError when it is malformed or too many are on.
   */
  switchOn(fault: Fault): number {
    parseFault(fault);
    if (this.#active.length >= ACTIVE_FAULTS_LIMIT) {
      throw new FaultError(`${ACTIVE_FAULTS_LIMIT} faults are switched on already; switch some off first`);
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const scope = fault.connections === "current" ? this.#world.openConnections() : fault.connections;
    const connections = scope === undefined ? undefined : new Set(scope);
    const timesLeft = fault.times ?? Number.POSITIVE_INFINITY;
    this.#replace([...this.#active, { id, fault, hooks: hooksOf(fault), connections, timesLeft }]);
    this.#world.switched("on", { id, fault });
    return id;
  }

  /** Switches a fault off; false when no such fault is on. */
  switchOff(id: number): boolean {
    const active = this.#active.find((candidate) => candidate.id === id);
    if (active === undefined) return false;
    this.#replace(this.#active.filter((candidate) => candidate !== active));
    this.#world.switched("off", { id, fault: active.fault });
    return true;
  }

  /** Switches all faults off. */
  clear(): void {
    for (const { id } of this.#active) this.switchOff(id);
  }

  /** The faults that are on, in the order in which they act. */
  list(): readonly { readonly id: number; readonly fault: Fault }[] {
    return this.#active.map(({ id, fault }) => ({ id, fault }));
  }

  /** Whether any fault acts at this point at all. */
  has(hook: HookName): boolean {
    return this.#active.some((active) => active.hooks[hook] !== undefined);
  }

  /** The effect of the first fault that has one at this point. */
  first<H extends HookName>(hook: H, target: FaultTarget, ...args: HookArguments<H>): HookEffect<H> | undefined {
    for (const active of this.#active) {
      const effect = this.#ask(active, hook, target, args);
      if (effect !== undefined) return effect;
    }
    return undefined;
  }

  /** What is sent to a connection instead of one event, after every fault had its say. */
  deliveries(delivery: Delivery, connection: number): readonly Delivery[] {
    const { symbol, interval } = delivery.event.target;
    const target = { symbol, interval, connection };
    let deliveries: readonly Delivery[] = [delivery];
    for (const active of this.#active) {
      if (active.hooks.delivery === undefined) continue;
      deliveries = deliveries.flatMap((each) => this.#ask(active, "delivery", target, [each]) ?? [each]);
    }
    return deliveries;
  }

  /** A closed candle as the exchange holds it by now. */
  revised(kline: Kline, symbol: string, interval: string): Kline {
    return this.first("revision", { symbol, interval }, kline, this.#world.now()) ?? kline;
  }

  isHole(symbol: string, minuteOpenMs: number): boolean {
    return this.first("hole", { symbol }, minuteOpenMs) === true;
  }

  #ask<H extends HookName>(
    active: Active,
    name: H,
    target: FaultTarget,
    args: HookArguments<H>,
  ): HookEffect<H> | undefined {
    const hook = active.hooks[name] as ((...given: HookArguments<H>) => HookEffect<H> | undefined) | undefined;
    if (hook === undefined || active.timesLeft <= 0) return undefined;
    if (!covers(active.fault, active.connections, target, this.#world.now())) return undefined;
    const effect = hook(...args);
    if (effect !== undefined) active.timesLeft -= 1;
    return effect;
  }

  #replace(active: readonly Active[]): void {
    this.#active = active;
    this.#version += 1;
  }
}
