/**
 * The answers that the client promises against those that the daemon describes of itself: the compiler compares them, so it is
 * `npm run typecheck` that fails when they part.
 */
import type { Static, TSchema } from "typebox";
import { expect, test } from "vitest";
import type * as drawing from "../../src/client/answers/drawing.js";
import type * as factors from "../../src/client/answers/factors.js";
import type * as feed from "../../src/client/answers/feed.js";
import type * as market from "../../src/client/answers/market.js";
import type * as operation from "../../src/client/answers/operation.js";
import type * as replay from "../../src/client/answers/replay.js";
import * as development from "../../src/http/answers/development.js";
import * as describedDrawing from "../../src/http/answers/drawing.js";
import * as describedFactors from "../../src/http/answers/factors.js";
import * as describedFeed from "../../src/http/answers/feed.js";
import * as describedMarket from "../../src/http/answers/market.js";
import * as describedReplay from "../../src/http/answers/replay.js";
import { RuntimeTreeAnswer } from "../../src/http/answers/runtime.js";
import { OPERATIONS } from "../../src/http/documents/operations/all.js";
import { METHODS } from "./methods.js";

/** What nobody may write to. */
type Read<T> = T extends readonly (infer Item)[]
  ? readonly Read<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Read<T[Name]> }
    : T;

/** The members of a type, whatever they are. */
type Names<T> = T extends readonly (infer Item)[]
  ? readonly Names<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Names<T[Name]> }
    : "anything";

/** The client may say less of a member than is described, such as text for one of three words; it may not leave one out. */
type Verdict<Described, Promised> = [Described] extends [Promised]
  ? [Names<Promised>] extends [Names<Described>]
    ? []
    : [verdict: "members are described that the client does not promise"]
  : [verdict: "the client promises something else than is described"];

/** Takes the schema that describes just what a type of the client promises, and no other. */
function promised<Promised>() {
  return <S extends TSchema>(schema: S, ..._verdict: Verdict<Read<Static<S>>, Promised>): TSchema => schema;
}

/** The schema of each answer, once for each type of the client. */
const PROMISED: readonly TSchema[] = [
  promised<market.CandlesAnswer>()(describedMarket.CandlesAnswer),
  promised<market.IngestAnswer>()(describedMarket.IngestAnswer),
  promised<market.WhitelistAnswer>()(describedMarket.WhitelistAnswer),
  promised<market.TopMarketsAnswer>()(describedMarket.TopMarketsAnswer),
  promised<market.MarketHealthAnswer>()(describedMarket.MarketHealthAnswer),
  promised<market.SeriesHealthAnswer>()(describedMarket.SeriesHealthAnswer),
  promised<factors.FactorCatalogAnswer>()(describedFactors.FactorCatalogAnswer),
  promised<factors.FactorHealthAnswer>()(describedFactors.FactorHealthAnswer),
  promised<factors.SlicesAnswer>()(describedFactors.SlicesAnswer),
  promised<drawing.DrawDeltaAnswer>()(describedDrawing.DrawDeltaAnswer),
  promised<drawing.FrameAnswer>()(describedDrawing.FrameAnswer),
  promised<drawing.DeltaPollAnswer>()(describedDrawing.DeltaPollAnswer),
  promised<feed.FeedStateAnswer>()(describedFeed.FeedStateAnswer),
  promised<feed.GapsAnswer>()(describedFeed.GapsAnswer),
  promised<feed.BreakersAnswer>()(describedFeed.BreakersAnswer),
  promised<feed.BreakerAnswer>()(describedFeed.BreakerAnswer),
  promised<feed.ReconcileAnswer>()(describedFeed.ReconcileAnswer),
  promised<feed.IngestStateAnswer>()(describedFeed.IngestStateAnswer),
  promised<operation.MetricsAnswer>()(development.MetricsAnswer),
  promised<operation.RuntimeTreeAnswer>()(RuntimeTreeAnswer),
  promised<operation.IngestBatchAnswer>()(development.IngestBatchAnswer),
  promised<operation.RepairOverlayAnswer>()(development.RepairOverlayAnswer),
  promised<operation.BackfillAnswer>()(development.BackfillAnswer),
  promised<operation.BackfillsAnswer>()(development.BackfillsAnswer),
  promised<operation.StopBackfillAnswer>()(development.StopBackfillAnswer),
  promised<operation.ReconcileAsked>()(development.ReconcileAsked),
  promised<replay.ReplayPrepareAnswer>()(describedReplay.ReplayPrepareAnswer),
  promised<replay.EnsureCoverageAnswer>()(describedReplay.EnsureCoverageAnswer),
  promised<replay.CoverageStatusAnswer>()(describedReplay.CoverageStatusAnswer),
  promised<replay.PackageBuildAnswer>()(describedReplay.PackageBuildAnswer),
  promised<replay.ReplayStatusAnswer>()(describedReplay.ReplayStatusAnswer),
  promised<replay.ReplayWindowAnswer>()(describedReplay.ReplayWindowAnswer),
  promised<replay.OverlayReadOnlyAnswer>()(describedReplay.OverlayReadOnlyAnswer),
  promised<replay.OverlayStatusAnswer>()(describedReplay.OverlayStatusAnswer),
  promised<replay.OverlayWindowAnswer>()(describedReplay.OverlayWindowAnswer),
];

test("the answer of every route that the client asks is compared", () => {
  const asked = Object.keys(METHODS).map((route) => OPERATIONS[route]?.answer);
  const compared = new Set(PROMISED);
  expect(asked.filter((answer) => answer === undefined || !compared.has(answer))).toEqual([]);
});
