/** Jobs as both package services and the coverages see them. Spec: replay §2; scenario. */
import { describe, expect, test } from "vitest";
import { buildJobMachine, jobAfter, NO_JOB } from "../../src/replay/build-job.machine.js";
import { type JobStanding, MAX_ACTIVE_JOBS, MAX_ENDED_JOBS } from "../../src/replay/job-table.js";
import { ReplayBuildError } from "../../src/replay/package/archive.js";
import { type JobWorld, jobWorld } from "./job-world.js";

const BUILDING = { status: "building", created: true } as const;
const GOING_ON = { status: "building", created: false } as const;

const standing = (status: JobStanding<number>["status"], error: string | null = null) =>
  expect.objectContaining({ status, error });

describe("A-2.5", () => {
  test("what is kept already is done, and no job", () => {
    const { table, reserve } = jobWorld();
    expect(reserve("a", true)).toEqual({ status: "done", created: false });
    expect(table.resolve("a", true)).toEqual(standing("done"));
    expect(table.resolve("a", false)).toEqual(standing("build_required"));
  });

  test("RS-R1 any number of requests for the same thing make one job", async () => {
    const { table, reserve, begun, finish } = jobWorld();
    expect(reserve("a")).toEqual(BUILDING);
    expect([reserve("a"), reserve("a")]).toEqual([GOING_ON, GOING_ON]);
    expect(begun).toEqual(["a"]);
    await finish("a");
    expect(table.resolve("a", true)).toEqual(standing("done"));
    expect(reserve("a", true)).toEqual({ status: "done", created: false });
    expect(begun).toEqual(["a"]);
  });

  test("without a job and without what it makes there is something to build", () => {
    expect(jobWorld().table.resolve("a", false)).toEqual(standing("build_required"));
  });

  test("a failure is an error with its text", async () => {
    const { table, reserve, fail } = jobWorld();
    reserve("a");
    await fail("a", new Error("boom"));
    expect(table.resolve("a", false)).toEqual(standing("error", "boom"));
  });
});

test("RS-R2 a job that has failed stays so until it is asked for again, and is tried anew then", async () => {
  const { table, reserve, begun, fail, finish } = jobWorld();
  reserve("a");
  await fail("a", new Error("boom"));
  expect([table.resolve("a", false), table.resolve("a", "untold")]).toEqual([
    standing("error", "boom"),
    standing("error", "boom"),
  ]);
  expect(begun).toEqual(["a"]);
  expect(reserve("a")).toEqual(BUILDING);
  expect(table.resolve("a", false)).toEqual(standing("building"));
  await finish("a");
  expect(table.resolve("a", true)).toEqual(standing("done"));
  expect(begun).toEqual(["a", "a"]);
});

test("RS-R3 a job that is done and has lost what it made counts as none, and is begun anew", async () => {
  const { table, reserve, begun, finish } = jobWorld();
  reserve("a");
  await finish("a");
  expect(table.resolve("a", true)).toEqual(standing("done"));
  expect(table.resolve("a", false)).toEqual(standing("build_required"));
  expect(table.resolve("a", "untold")).toEqual(standing("build_required"));
  expect(reserve("a", false)).toEqual(BUILDING);
  expect(begun).toEqual(["a", "a"]);
});

test("what a job makes may be nowhere but in its progress", async () => {
  const { table, reserve, note, finish } = jobWorld();
  reserve("a", "untold");
  expect(table.resolve("a", "untold")).toMatchObject({ status: "building", progress: 0 });
  note("a", 7);
  await finish("a");
  expect(table.resolve("a", "untold")).toMatchObject({ status: "done", progress: 7 });
  expect(reserve("a", "untold")).toEqual({ status: "done", created: false });
  expect(table.resolve("b", "untold").progress).toBeUndefined();
});

describe("a failure is told", () => {
  const text = async (error: unknown): Promise<string | null> => {
    const { table, reserve, fail } = jobWorld();
    reserve("a");
    await fail("a", error);
    return table.resolve("a", false).error;
  };

  test("by its code when it has one, by its text otherwise, and never by nothing", async () => {
    expect(await text(new ReplayBuildError("no_candles", "there is no candle from 60 to 120"))).toBe("no_candles");
    expect(await text("a text")).toBe("a text");
    expect(await text(new Error(""))).toBe("unknown_error");
  });

  test("also when the work throws before it begins to wait", () => {
    const { table } = jobWorld();
    const work = () => {
      throw new Error("at once");
    };
    table.reserve({ id: "a", kept: false, progress: 0, work });
    expect(table.resolve("a", false)).toEqual(standing("error", "at once"));
  });

  test("in the log with its cause, and counted", async () => {
    const { reserve, fail, finish, logged, metrics, clock } = jobWorld();
    reserve("a");
    clock.advance(1_500);
    await fail("a", new ReplayBuildError("no_candles", "there is none"));
    reserve("b");
    await finish("b");
    expect(logged).toEqual([
      [
        "replay.job_failed",
        { job: "test", job_id: "a", duration_ms: 1_500, error: "no_candles", cause: "there is none" },
      ],
      ["replay.job_done", { job: "test", job_id: "b", duration_ms: 0 }],
    ]);
    const { counters, timers } = metrics.snapshot();
    expect(counters).toEqual({
      "replay_jobs_total{job=test,result=done}": 1,
      "replay_jobs_total{job=test,result=error}": 1,
    });
    expect(timers["replay_job_duration_ms{job=test,result=error}"]).toMatchObject({ count: 1, total_ms: 1_500 });
  });
});

describe("bounds", () => {
  const fill = ({ reserve }: JobWorld): void => {
    for (let at = 0; at < MAX_ACTIVE_JOBS; at += 1) expect(reserve(`job ${at}`)).toEqual(BUILDING);
  };

  test("RS-R4 jobs run one after the other in order, and one too many is refused with nothing begun", async () => {
    const world = jobWorld();
    fill(world);
    expect(world.begun).toEqual(["job 0"]);
    expect(() => world.reserve("one too many")).toThrow(expect.objectContaining({ code: "too_many_jobs" }));
    expect(world.table.resolve("one too many", false)).toEqual(standing("build_required"));
    // One that goes on, or is there, is no new one.
    expect([world.reserve("job 31"), world.reserve("kept", true).status]).toEqual([GOING_ON, "done"]);
    await world.finish("job 0");
    expect(world.begun).toEqual(["job 0", "job 1"]);
    expect(world.reserve("one more")).toEqual(BUILDING);
    await world.fail("job 1", new Error("boom"));
    expect(world.begun).toEqual(["job 0", "job 1", "job 2"]);
  });

  test("as many run at once as may", () => {
    const world = jobWorld(3);
    fill(world);
    expect(world.begun).toEqual(["job 0", "job 1", "job 2"]);
  });

  test("RS-R5 of jobs that are over the oldest are forgotten, and none that goes on", async () => {
    const { table, reserve, fail } = jobWorld(2);
    reserve("goes on");
    for (let at = 0; at <= MAX_ENDED_JOBS; at += 1) {
      reserve(`job ${at}`);
      await fail(`job ${at}`, new Error("boom"));
    }
    expect(table.resolve("job 0", false)).toEqual(standing("build_required"));
    expect(table.resolve("job 1", false)).toEqual(standing("error", "boom"));
    expect(table.resolve("goes on", false)).toEqual(standing("building"));
  });
});

test("RS-R6 a stop ends what runs and awaits it, fails what waits, and begins nothing more", async () => {
  const { table, reserve, begun, finish } = jobWorld();
  reserve("runs");
  reserve("waits");
  let stopped = false;
  const stopping = table.stop().then(() => {
    stopped = true;
  });
  expect(table.resolve("waits", false)).toEqual(standing("error", "server_shutting_down"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).toBe(false);
  expect(() => reserve("late")).toThrow(expect.objectContaining({ code: "too_many_jobs" }));
  await finish("runs", (signal) => expect(signal.aborted).toBe(true));
  await stopping;
  expect(begun).toEqual(["runs"]);
  await table.stop();
});

test("an event that does not fit the state changes nothing", () => {
  const building = jobAfter(NO_JOB, { type: "RESERVED", atMs: 5 });
  expect(jobAfter(building, { type: "RESERVED", atMs: 9 })).toEqual(building);
  expect(jobAfter(building, { type: "LOST" })).toEqual(building);
  expect(jobAfter(NO_JOB, { type: "BUILT", atMs: 9 })).toEqual(NO_JOB);
  const failed = jobAfter(building, { type: "FAILED", atMs: 9, error: "boom" });
  expect(failed).toEqual({ value: "error", context: { startedAtMs: 5, finishedAtMs: 9, error: "boom" } });
  expect(jobAfter(failed, { type: "FOUND" })).toEqual(failed);
  expect(jobAfter(failed, { type: "RESERVED", atMs: 11 }).context).toEqual({
    startedAtMs: 11,
    finishedAtMs: null,
    error: null,
  });
  expect(Object.keys(buildJobMachine.states)).toEqual(["build_required", "building", "done", "error"]);
});
