/** Reads the text format of Prometheus as strictly as a scraper does. */

export interface ScrapedSample {
  /** Without `_bucket`, `_sum` and `_count` of histograms and summaries. */
  readonly family: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Scraped {
  /** Type and help of each family, in order. */
  readonly families: ReadonlyMap<string, { readonly type: string; readonly help: string }>;
  readonly samples: readonly ScrapedSample[];
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy;

/** @throws Error that names the line which is none of the format. */
export function parseExposition(text: string): Scraped {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const helps = new Map<string, string>();
  const families = new Map<string, { type: string; help: string }>();
  const samples: ScrapedSample[] = [];
  for (const line of text.slice(0, -1).split("\n")) {
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") helps.set(name, rest);
    else if (kind === "TYPE") families.set(name, { type: rest, help: helps.get(name) ?? "" });
    else samples.push(sampleOf(line, families));
  }
  const keys = samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()]));
  if (new Set(keys).size !== keys.length) throw new Error("a sample is told twice");
  return { families, samples };
}

function sampleOf(line: string, families: Scraped["families"]): ScrapedSample {
  const [, name = "", inner = "", number = ""] = SAMPLE.exec(line) ?? [];
  const family = [name, name.replace(/_(bucket|sum|count)$/, "")].find((one) => families.has(one));
  if (family === undefined) throw new Error(`no sample of a family that was told before: ${line}`);
  const labels: Record<string, string> = {};
  let read = 0;
  for (const [whole, label = "", value = ""] of inner.matchAll(LABEL)) {
    labels[label] = value.replace(/\\(.)/g, (_escape, one: string) => (one === "n" ? "\n" : one));
    read += whole.length;
  }
  if (read !== inner.length) throw new Error(`labels that cannot be read: ${line}`);
  if (!Number.isFinite(Number(number))) throw new Error(`no number: ${line}`);
  return { family, name, labels, value: Number(number) };
}
