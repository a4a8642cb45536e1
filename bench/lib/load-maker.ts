/** Load from processes of their own, so that what makes it and what is measured do not share an event loop. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { FollowersReport } from "../../test/support/load/followers.js";
import type { LoadOrder } from "./load-process.js";

const PROGRAM = new URL("./load-process.js", import.meta.url);

export class LoadMaker {
  readonly #child: ChildProcess = fork(PROGRAM, { stdio: ["ignore", "inherit", "inherit", "ipc"] });

  /** @throws Error when it fails there. */
  async order<Value = void>(order: LoadOrder): Promise<Value> {
    const answered = once(this.#child, "message");
    this.#child.send(order);
    const [{ value, error }] = (await answered) as [{ readonly value?: Value; readonly error?: string }];
    if (error !== undefined) throw new Error(`${order.do}: ${error}`);
    return value as Value;
  }

  end(): void {
    this.#child.disconnect();
  }
}

/** How a crowd of followers is spread over processes and addresses: the ports of one address are too few for many. */
const PROCESSES = 2;
const SOURCES = Array.from({ length: 8 }, (_, index) => `127.0.0.${index + 2}`);

/** Followers of one series in several processes. */
export class Crowd {
  readonly #makers = Array.from({ length: PROCESSES }, () => new LoadMaker());

  async connect(url: string, series: string, count: number): Promise<void> {
    const options = { url, series, timeframeS: 60, count: count / PROCESSES, sources: SOURCES };
    await this.#all({ do: "follow", options });
  }

  /** When each of them got the candle of that time: milliseconds of the machine's monotonic clock. */
  async arrivals(time: number): Promise<readonly number[]> {
    return (await this.#all<readonly number[]>({ do: "arrivals", time })).flat();
  }

  /** @throws Error when one of them was told a candle that does not follow the one before. */
  async report(): Promise<Omit<FollowersReport, "told" | "faults">> {
    const reports = await this.#all<FollowersReport>({ do: "report" });
    const told = reports.flatMap((one) => one.told);
    if (told.length > 0) throw new Error(told.join("; "));
    const sum = (member: "candles" | "repeats" | "gaps" | "losses"): number =>
      reports.reduce((total, one) => total + one[member], 0);
    return { candles: sum("candles"), repeats: sum("repeats"), gaps: sum("gaps"), losses: sum("losses") };
  }

  end(): void {
    for (const maker of this.#makers) maker.end();
  }

  #all<Value = void>(order: LoadOrder): Promise<Value[]> {
    return Promise.all(this.#makers.map((maker) => maker.order<Value>(order)));
  }
}

/** Files, and so connections, that a process may have open. */
export function openFilesLimit(): number {
  const [, , hard = "0"] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
}
