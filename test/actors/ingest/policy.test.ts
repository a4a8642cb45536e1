import { describe, expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";

const on = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
const off = runPolicies({ pipelineV2: false, wsPipelinePublish: false });

describe("policies of the one write path", () => {
  test("HTTP: the pipeline switch decides whether a ledger failure fails the run, and how steps are named", () => {
    expect(on.http).toEqual({
      onLedgerFailure: "fail",
      publish: "strict",
      grouping: "by_count",
      stepNames: "with_series",
    });
    expect(off.http).toEqual({
      onLedgerFailure: "swallow",
      publish: "strict",
      grouping: "by_count",
      stepNames: "plain",
    });
  });

  test("stream: the publish switch decides between base first with batches and best effort by count", () => {
    expect(on.stream).toMatchObject({ publish: "best_effort", grouping: "by_count", derived: "by_id" });
    expect(off.stream).toMatchObject({ publish: "base_strict", grouping: "batch", derived: "base_first" });
  });

  test("the two switches are independent", () => {
    const pipelineOnly = runPolicies({ pipelineV2: true, wsPipelinePublish: false });
    const publishOnly = runPolicies({ pipelineV2: false, wsPipelinePublish: true });
    expect([pipelineOnly.http, pipelineOnly.stream]).toEqual([on.http, off.stream]);
    expect([publishOnly.http, publishOnly.stream]).toEqual([off.http, on.stream]);
  });

  test("what the switches do not touch: batches fail as a pipeline does, fills and refreshes swallow", () => {
    for (const policies of [on, off]) {
      expect(policies.batchPublished).toEqual(on.http);
      expect(policies.batchSilent).toEqual({ ...on.http, publish: "none" });
      expect(policies.backfill).toMatchObject({ onLedgerFailure: "swallow", publish: "notices" });
      expect(policies.refresh).toMatchObject({ onLedgerFailure: "swallow", publish: "best_effort" });
    }
  });

  test("derived series are published in the grouping of their base, and never as a failure of the stream", () => {
    expect([on.derived.grouping, off.derived.grouping]).toEqual([on.stream.grouping, off.stream.grouping]);
    for (const { derived, http, backfill } of [on, off]) {
      expect([derived.publish, derived.onLedgerFailure]).toEqual(["best_effort", "swallow"]);
      expect([http.derived, backfill.derived]).toEqual([undefined, "touched"]);
    }
  });

  test("no producer's stream of candles stops because a factor fails", () => {
    for (const { stream, backfill, refresh } of [on, off]) {
      expect([stream, backfill, refresh].map(({ onLedgerFailure }) => onLedgerFailure)).toEqual(
        Array(3).fill("swallow"),
      );
    }
  });
});
