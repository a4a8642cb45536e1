/** Children that crash when told, and a supervisor over three of them. */
import type { CrashListener, Supervised } from "../../../src/actors/runtime/supervised.js";
import {
  type ChildSpec,
  type LifecycleChanged,
  type Strategy,
  Supervisor,
} from "../../../src/actors/runtime/supervisor.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";

/** A child that does nothing but remember, and that crashes when told. */
export class Puppet implements Supervised {
  readonly name: string;
  readonly log: string[];
  up = false;
  failStarts = 0;
  #listener: CrashListener = () => {};

  constructor(name: string, log: string[]) {
    this.name = name;
    this.log = log;
  }

  async start() {
    if (this.up) this.log.push(`!${this.name} started twice`);
    if (this.failStarts > 0) {
      this.failStarts -= 1;
      this.log.push(`x${this.name}`);
      throw new Error("no start");
    }
    this.up = true;
    this.log.push(`+${this.name}`);
  }

  async stop() {
    if (this.up) this.log.push(`-${this.name}`);
    this.up = false;
  }

  onCrash(listener: CrashListener) {
    this.#listener = listener;
  }

  crash(error: unknown = new Error(`${this.name} fell`)) {
    this.up = false;
    this.#listener(error);
  }
}

export const INTENSITY = { restarts: 2, withinMs: 10_000 };

export function family(strategy: Strategy, onExhausted: Record<string, ChildSpec["onExhausted"]> = {}) {
  const clock = new SimulatedClock(1_000_000);
  const log: string[] = [];
  const changes: LifecycleChanged[] = [];
  const crashes: unknown[] = [];
  const puppets = Object.fromEntries(["a", "b", "c"].map((name) => [name, new Puppet(name, log)])) as Record<
    "a" | "b" | "c",
    Puppet
  >;
  const supervisor = new Supervisor(
    { path: "top", clock, strategy, intensity: INTENSITY, onLifecycle: (changed) => changes.push(changed) },
    Object.entries(puppets).map(([id, child]) => ({ id, child, onExhausted: onExhausted[id] ?? "escalate" })),
  );
  supervisor.onCrash((error) => crashes.push(error));
  const settle = () => clock.advanceSettled(0);
  const start = async () => {
    await supervisor.start();
    log.length = 0;
  };
  return { supervisor, clock, log, changes, crashes, settle, start, ...puppets };
}
