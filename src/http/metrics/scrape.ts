/** Everything that `GET /metrics` tells, gathered when it is asked for. */
import { BREAKER_KINDS, type BreakerView } from "../../actors/breaker/breaker-view.js";
import type { MetricKind, Sample } from "../../observability/exposition.js";
import type { ProcessFacts } from "../../observability/process-facts.js";
import { VERSION } from "../../version.js";
import type { HttpContext } from "../context.js";
import { feedSamples, known } from "./feed-samples.js";
import { METRICS, type MetricName } from "./metric-table.js";
import { recordedSamples } from "./recorded-samples.js";
import { treeSamples } from "./tree-samples.js";

type Samples = readonly Sample<MetricName>[];

/** @param clients WebSocket clients by path. */
export function scrape(context: HttpContext, clients: ReadonlyMap<string, number>): Samples {
  const { runtime, store, breakers, metrics, clock, processFacts } = context;
  const labelsOf = (name: MetricName): MetricKind["labels"] => METRICS[name].labels;
  return [
    { name: "trade_canvas_build_info", labels: { version: VERSION, node: process.version }, value: 1 },
    ...feedSamples(runtime.feedStates(), store, clock.now()),
    ...BREAKER_KINDS.flatMap((kind) => breakers.views(kind)).flatMap(breakerSamples),
    ...treeSamples(runtime.tree()),
    ...recordedSamples(metrics.recorded(), labelsOf),
    ...[...clients].map(
      ([path, value]): Sample<MetricName> => ({ name: "trade_canvas_ws_clients", labels: { path }, value }),
    ),
    ...processSamples(processFacts()),
  ];
}

function breakerSamples({ kind, name: breaker, state, in_state_ms, failures_in_window }: BreakerView): Samples {
  const labels = { kind, name: breaker };
  return [
    { name: "trade_canvas_breaker_state", labels: { ...labels, state }, value: 1 },
    { name: "trade_canvas_breaker_state_seconds", labels, value: in_state_ms / 1000 },
    { name: "trade_canvas_breaker_failures", labels, value: failures_in_window },
  ];
}

function processSamples(facts: ProcessFacts): Samples {
  return [
    ...known("trade_canvas_store_bytes", {}, facts.storeBytes),
    ...known("trade_canvas_store_disk_free_bytes", {}, facts.diskFreeBytes),
    ...known("process_resident_memory_bytes", {}, facts.rssBytes),
    ...known("process_cpu_seconds_total", {}, facts.cpuS),
    ...known("process_uptime_seconds", {}, facts.uptimeS),
    ...known("process_open_fds", {}, facts.openFiles),
    ...known("process_max_fds", {}, facts.openFilesLimit),
    ...known("nodejs_heap_size_used_bytes", {}, facts.heapUsedBytes),
    ...known("nodejs_heap_size_total_bytes", {}, facts.heapTotalBytes),
    ...known("nodejs_external_memory_bytes", {}, facts.externalBytes),
  ];
}
