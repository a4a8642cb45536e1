/**
 * The text format of Prometheus, version 0.0.4. Own code: nearly everything is computed when it is asked for, from what the
 * runtime knows, so that a registry of live objects would only have to be filled and emptied with every scrape.
 */
import { DURATION_BOUNDS_S, type DurationHistogram, type Labels } from "./metrics.js";

/** The content type of {@link exposition}. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** What a metric is. Units are in its name: seconds and bytes. */
export interface MetricKind {
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  readonly labels: readonly string[];
  /** One line for people. */
  readonly help: string;
}

/** One line of the answer. */
export interface Sample<Name extends string = string> {
  readonly name: Name;
  /** Of a histogram or summary. */
  readonly part?: "_bucket" | "_sum" | "_count";
  readonly labels: Labels;
  readonly value: number;
}

/** All kinds with their samples, in the order of the kinds. A kind without samples is told all the same. */
export function exposition<Name extends string>(
  kinds: Readonly<Record<Name, MetricKind>>,
  samples: readonly Sample<Name>[],
): string {
  const byName = new Map<string, Sample<Name>[]>();
  for (const sample of samples) {
    const same = byName.get(sample.name);
    if (same === undefined) byName.set(sample.name, [sample]);
    else same.push(sample);
  }
  const blocks = Object.entries<MetricKind>(kinds).map(([name, { type, help }]) => {
    const lines = (byName.get(name) ?? []).map(lineOf);
    return [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`, ...lines].join("\n");
  });
  return `${blocks.join("\n")}\n`;
}

/** The samples of a histogram: how many took no longer than each bound, their sum and their number. */
export function histogramSamples<Name extends string>(
  name: Name,
  labels: Labels,
  { counts, sumS }: DurationHistogram,
): readonly Sample<Name>[] {
  let below = 0;
  const buckets = counts.map((count, at): Sample<Name> => {
    below += count;
    const le = DURATION_BOUNDS_S[at];
    return { name, part: "_bucket", labels: { ...labels, le: le === undefined ? "+Inf" : String(le) }, value: below };
  });
  return [...buckets, { name, part: "_sum", labels, value: sumS }, { name, part: "_count", labels, value: below }];
}

function lineOf({ name, part, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`);
  return `${name}${part ?? ""}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
