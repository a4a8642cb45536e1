/** A soak in figures, as it is printed and written to a file. Sizes in MiB, slopes in KiB an hour. Pure. */
import type { MarketTally } from "./exchange-tally.js";
import type { MemorySample } from "./memory.js";
import type { SoakResult } from "./run.js";

const KIB = 1024;
const MIB = KIB * KIB;
const SECOND_MS = 1_000;

/** What a run cost the machine, in milliseconds: of a clock on the wall, and of its processors. */
export interface SoakCost {
  readonly wallMs: number;
  readonly processorMs: number;
}

export function soakSummary(result: SoakResult, { wallMs, processorMs }: SoakCost) {
  const { seed, series, ledgers, virtualHours, lives, candles, gaps, troubles, digest, markets, memory, failures } =
    result;
  return {
    seed,
    series,
    ledgers,
    virtual_hours: round(virtualHours),
    wall_s: round(wallMs / SECOND_MS),
    processor_s: round(processorMs / SECOND_MS),
    candles,
    candles_per_processor_s: round((candles * SECOND_MS) / Math.max(1, processorMs)),
    lives,
    gaps,
    troubles,
    markets: { spot: marketSummary(markets.spot), futures: marketSummary(markets.futures) },
    memory: memory === undefined ? null : memorySummary(memory),
    digest,
    failures,
  };
}

function marketSummary(tally: MarketTally) {
  return {
    finals: tally.finals,
    sockets_peak: tally.socketsPeak,
    attempts: tally.attempts,
    attempts_per_5_min_peak: tally.attemptsPerWindowPeak,
    ended_by_server: tally.ends.server,
    ended_by_client: tally.ends.client,
    requests: tally.requests,
    refusals: tally.refusals,
    weight_per_minute_peak: tally.weightPeak,
    weight_per_minute_limit: tally.weightLimit,
  };
}

function memorySummary({ slope, limitPerHour, samplesUsed, samples }: NonNullable<SoakResult["memory"]>) {
  return {
    slope_kib_per_hour: slope === undefined ? null : round(slope.slope / KIB),
    slope_95_kib_per_hour: slope === undefined ? null : [round(slope.low / KIB), round(slope.high / KIB)],
    limit_kib_per_hour: round(limitPerHour / KIB),
    samples_used: samplesUsed,
    samples: samples.map(sampleSummary),
  };
}

/** One hour's memory. */
export function sampleSummary(sample: MemorySample) {
  const { hour, life, heapUsed, heapWithoutDisk, buffersWithoutDisk, rss, disk } = sample;
  return {
    hour,
    life,
    heap_mib: round(heapUsed / MIB),
    heap_without_disk_mib: round(heapWithoutDisk / MIB),
    buffers_without_disk_mib: round(buffersWithoutDisk / MIB),
    rss_mib: round(rss / MIB),
    disk_entries: disk.entries,
    disk_mib: round(disk.bytes / MIB),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
