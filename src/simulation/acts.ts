/** Performs what the plan has go wrong, and ends it when its time is over. */
import type { Act } from "./troubles.js";
import { CALM_FLUSH_MS, CALM_LATENCY_MS, MARKET_KINDS, type World } from "./world.js";

/** Schedules every act of the plan on the world's clock. */
export function scheduleActs(world: World): void {
  for (const act of world.plan.acts) world.clock.setTimeout(() => perform(world, act), act.atMs);
}

function perform(world: World, act: Act): void {
  const { clock, journal, markets, weather, network, diskState, budgets } = world;
  const { atMs: _, ...trouble } = act;
  journal.note("world", act.type, trouble);
  const later = (ms: number, end: () => void): void => void clock.setTimeout(end, ms);
  switch (act.type) {
    case "fault": {
      const { faults } = markets[act.market];
      const id = faults.switchOn(act.fault);
      later(act.forMs, () => faults.switchOff(id));
      return;
    }
    case "strike":
      markets[act.market].strike(act.strike);
      return;
    case "offline":
      weather[act.market].offline = true;
      network.reset(act.market);
      later(act.forMs, () => {
        weather[act.market].offline = false;
      });
      return;
    case "black_hole":
      weather[act.market].blackHole = true;
      later(act.forMs, () => {
        weather[act.market].blackHole = false;
      });
      return;
    case "lost_answers":
      weather[act.market].lostAnswers = act.share;
      later(act.forMs, () => {
        weather[act.market].lostAnswers = 0;
      });
      return;
    case "slow_network":
      weather[act.market].latencyMs = [CALM_LATENCY_MS[0], act.upToMs];
      later(act.forMs, () => {
        weather[act.market].latencyMs = CALM_LATENCY_MS;
      });
      return;
    case "network_reset":
      network.reset(act.market);
      return;
    case "disk_full":
      diskState.full = true;
      budgets.diskFailed();
      later(act.forMs, () => {
        budgets.diskFailed();
        diskState.full = false;
      });
      return;
    case "slow_disk":
      diskState.flushUpToMs = act.upToMs;
      later(act.forMs, () => {
        diskState.flushUpToMs = CALM_FLUSH_MS;
      });
      return;
    case "crash":
      if (world.crash(act.flushed)) later(act.downMs, () => void world.startProcess());
      return;
    case "restart":
      void world.stopProcess().then((stopped) => {
        if (stopped) later(act.downMs, () => void world.startProcess());
      });
      return;
    case "sleep":
      world.process?.clock.sleep(act.forMs);
      return;
    case "wall_clock_jump":
      world.jumpWallClock(act.byMs);
  }
}

/** Ends whatever still goes wrong: the calm begins. What is true of the markets stays as it is. */
export function beginCalm({ markets, weather, diskState, journal, clock }: World): void {
  for (const market of MARKET_KINDS) {
    const { faults } = markets[market];
    for (const { id, fault } of faults.list()) {
      if (fault.kind !== "halt" && fault.kind !== "delisting" && fault.kind !== "revision") faults.switchOff(id);
    }
    Object.assign(weather[market], { offline: false, blackHole: false, lostAnswers: 0, latencyMs: CALM_LATENCY_MS });
  }
  Object.assign(diskState, { full: false, flushUpToMs: CALM_FLUSH_MS });
  journal.note("world", "calm", { at: clock.now() });
}
