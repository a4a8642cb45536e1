/** What routes of replay are asked about: packages that the daemon's own archive has made, and coverages that have ended. */
import { call, type JsonBody, post } from "../../http/request.js";
import type { TestDaemon } from "../../support/daemon.js";
import { until } from "../../support/until.js";
import { COUNT, haveSeries, LAST, SERIES } from "./fixture.js";

export const REPLAY = "/api/replay";
export const OVERLAY = "/api/replay/overlay_package";

/** Of a package of all candles of {@link SERIES}, in two windows where windows may be so small. */
export const PACKAGE = { window_candles: COUNT, window_size: COUNT / 2, snapshot_interval: 5 } as const;

/** No job and no package has this id. */
export const NO_JOB = "0123456789abcdef01234567";

/** A package as {@link PACKAGE} says. @param routes of its kind. @returns the id of its job. @throws Error when there comes none. */
export async function packageOf(daemon: TestDaemon, routes: string): Promise<string> {
  await haveSeries(daemon);
  const job = await ended(daemon, `${routes}/build`, `${routes}/status`, PACKAGE);
  if (job.status !== "done") throw new Error(`the package was not built: ${JSON.stringify(job)}`);
  return String(job.job_id);
}

/** A coverage of {@link SERIES} that is done or has failed. @returns its id. */
export async function coverageOf(daemon: TestDaemon, target_candles: number): Promise<string> {
  await haveSeries(daemon);
  const body = { target_candles, to_time: LAST };
  return String((await ended(daemon, `${REPLAY}/ensure_coverage`, `${REPLAY}/coverage_status`, body)).job_id);
}

/** Begins a job and waits for its end. @returns its status then. */
async function ended({ url }: TestDaemon, begin: string, status: string, body: object): Promise<JsonBody> {
  const begun = await post(url, begin, { series_id: SERIES, ...body });
  if (begun.status !== 200) throw new Error(`${begin} was answered with ${begun.status}: ${begun.text}`);
  return until(`the end of ${begun.text}`, async () => {
    const { json } = await call(url, `${status}?job_id=${encodeURIComponent(String(begun.json.job_id))}`);
    return json.status === "building" ? undefined : json;
  });
}
