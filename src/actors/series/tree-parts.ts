/** What the trees of all series share. */
import type { Clock } from "../../clock/clock.js";
import type { Random } from "../../clock/random.js";
import type { FactorEngine } from "../../factors/engine.js";
import type { DamageNotes } from "../../ledger/damage.js";
import type { LedgerLimits } from "../../ledger/factor-ledger.js";
import type { SeriesId } from "../../market/series-id.js";
import type { DebugHub } from "../../observability/debug-hub.js";
import type { EventLog } from "../../observability/event-log.js";
import type { Metrics } from "../../observability/metrics.js";
import type { OverlayEngine } from "../../overlays/engine.js";
import type { Store } from "../../storage/store.js";
import type { DerivedLinks } from "../derive/fan-out.js";
import type { ExchangePort } from "../feed/exchange-port.js";
import type { FeedSettings } from "../ingest/feed-options.js";
import type { RunPolicies } from "../ingest/policy.js";
import type { PublicationSink } from "../publisher/publisher.js";
import type { Topic } from "../publisher/topic.js";

export interface TreeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EventLog;
  readonly debug: DebugHub;
  readonly metrics: Metrics;
  readonly policies: RunPolicies;
  readonly feed: FeedSettings;
  readonly damage: DamageNotes;
  readonly compensateNewCandles: boolean;
  readonly compensateOverlay: boolean;
  readonly factor: {
    readonly engine: FactorEngine;
    readonly enabled: boolean;
    readonly rebuildOnNewFingerprint: boolean;
    readonly rebuildKeepCandles: number;
  };
  readonly overlay: { readonly engine: OverlayEngine; readonly enabled: boolean };
  /** How much the ledgers do in one run; their defaults unless a test says otherwise. */
  readonly ledgerLimits?: LedgerLimits;
  /** The market that feeds a series; undefined for series that no exchange feeds. */
  readonly exchangeFor: (series: SeriesId) => ExchangePort | undefined;
  /** The series that are derived of others; absent when none are. */
  readonly derived?: DerivedLinks | undefined;
  /** Where a publisher sends what it publishes; the series' topic unless a test says otherwise. */
  readonly sinkFor?: (topic: Topic) => PublicationSink;
}
