/** The slices that the ledger answers, without their `meta`. Spec: factors §13. */
import { heal } from "./anchor.js";
import type { ModelHeads, ModelLedger } from "./ledger.js";
import type { FactorName, ModelEvent, ModelSettings } from "./types.js";

export interface ModelSlice {
  readonly history: Readonly<Record<string, readonly unknown[]>>;
  readonly head: ModelHeads[FactorName];
}

/**
 * Of every factor that is present at `t` (seconds) its head and its history of the last `windowCandles`, in the fixed
 * order of factors. The window cuts the history and nothing else.
 */
export function modelSlices(
  ledger: ModelLedger,
  { timeframeSeconds }: Pick<ModelSettings, "timeframeSeconds">,
  t: number,
  windowCandles: number,
): Partial<Record<FactorName, ModelSlice>> {
  const view = ledger.headsAt(t);
  if (view === null) return {};
  const from = view.time - windowCandles * timeframeSeconds;
  const history = histories(ledger.events.filter(({ time }) => time >= from && time <= view.time));
  const slices: Partial<Record<FactorName, ModelSlice>> = {};
  for (const factor of Object.keys(view.heads) as FactorName[]) {
    slices[factor] = { history: history[factor], head: view.heads[factor] };
  }
  return slices;
}

type PayloadOf<Kind extends ModelEvent["kind"]> = Extract<ModelEvent, { kind: Kind }>["payload"];

function histories(events: readonly ModelEvent[]): Record<FactorName, ModelSlice["history"]> {
  const payloadsOf = <Kind extends ModelEvent["kind"]>(kind: Kind): PayloadOf<Kind>[] =>
    events.filter((event) => event.kind === kind).map((event) => event.payload as PayloadOf<Kind>);
  const byVisible = <Payload extends { readonly visible_time: number }>(
    payloads: readonly Payload[],
    second: (payload: Payload) => number,
  ): Payload[] => payloads.toSorted((a, b) => a.visible_time - b.visible_time || second(a) - second(b));
  return {
    pivot: {
      major: byVisible(payloadsOf("pivot.major"), (pivot) => pivot.pivot_time),
      minor: payloadsOf("pivot.minor"),
    },
    pen: { confirmed: byVisible(payloadsOf("pen.confirmed"), (pen) => pen.start_time) },
    zhongshu: { dead: payloadsOf("zhongshu.dead") },
    anchor: heal(byVisible(payloadsOf("anchor.switch"), (row) => row.switch_time)),
    sr: { snapshots: byVisible(payloadsOf("sr.snapshot"), () => 0) },
  };
}
