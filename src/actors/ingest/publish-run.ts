/**
 * The publication of a run that is committed: its candles, those of the series that are derived of it, and the notice of a
 * rebuild, in the order of the policy. Spec: ingest §2.5; flags §2.5.
 */
import type { Candle } from "../../market/candle.js";
import type { FanOut } from "../derive/fan-out.js";
import type { PublisherMessage } from "../publisher/protocol.js";
import type { ActorRef } from "../runtime/actor.js";
import { errorText } from "../runtime/errors.js";
import type { RunPolicy } from "./policy.js";
import type { RebuildNotice } from "./rebuild-notice.js";
import { PublishError } from "./run-result.js";

export interface PublishRunOptions {
  readonly publisher: ActorRef<PublisherMessage>;
  readonly rebuildNotice: RebuildNotice;
  /** The series that are derived of this one; undefined when there are none. */
  readonly fanOut: Pick<FanOut, "closed" | "changed"> | undefined;
}

export interface PublishedRun {
  /** Those that close just now; the others are part of the past. */
  readonly candles: readonly Candle[];
  readonly policy: RunPolicy;
  /** A rebuild that takes several runs is told when the last of them is done; a silent run leaves it to the next one. */
  readonly behind: boolean;
}

/** @throws PublishError under a policy that is strict. Derived series are made all the same. */
export async function publishRun(options: PublishRunOptions, { candles, policy, behind }: PublishedRun): Promise<void> {
  const { rebuildNotice, fanOut } = options;
  if (policy.publish === "none") return;
  if (policy.derived === "by_id") await fanOut?.closed(candles, "before_base");
  try {
    await publishCandles(options, candles, policy);
  } finally {
    if (policy.derived === "by_id") await fanOut?.closed(candles, "after_base");
    else if (policy.derived === "base_first") await fanOut?.closed(candles, "all");
  }
  if (!behind) await settled(rebuildNotice.give(), policy.publish === "strict");
}

async function publishCandles(
  { publisher }: PublishRunOptions,
  candles: readonly Candle[],
  policy: RunPolicy,
): Promise<void> {
  if (candles.length === 0 || policy.publish === "notices") return;
  const grouping = policy.grouping === "by_count" && candles.length === 1 ? "single" : "batch";
  const publishing = publisher.ask<void>((reply) => ({ type: "publish_closed", candles, grouping, reply }));
  await settled(publishing, policy.publish !== "best_effort");
}

/** The message of what went wrong inside an actor, without the runtime's frame around it. */
export function causeText(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return errorText(cause ?? error);
}

async function settled(publishing: Promise<void>, strict: boolean): Promise<void> {
  try {
    await publishing;
  } catch (error) {
    if (strict) throw new PublishError(causeText(error), { cause: error });
  }
}
