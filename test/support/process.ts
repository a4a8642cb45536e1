/** The daemon as a process of its own, for tests that kill it, signal it or need its command line. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** A daemon is ready within this real time, or the test fails. */
const READY_LIMIT_MS = 20_000;

export interface DaemonProcess {
  readonly url: string;
  readonly pid: number;
  /** Everything it has written so far. */
  output(): string;
  /** Sends a signal and resolves with the exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export interface RunResult {
  readonly code: number | NodeJS.Signals;
  readonly output: string;
}

/** Only what is given and what a process needs to run at all: settings of the machine do not leak into a test. */
function environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...env };
}

function launch(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: environment(env), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  onTestFinished(() => {
    if (isRunning(child)) child.kill("SIGKILL");
  });
  return { child, output: () => output, listeners };
}

/** Runs a command to its end. */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  const { child, output } = launch(args, env);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code: code ?? signal ?? -1, output: output() };
}

/** Starts a daemon and waits until it serves. Its log is JSON; the address is in the line `daemon.ready`. */
export async function startProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<DaemonProcess> {
  const { child, output, listeners } = launch(args, {
    TRADE_CANVAS_PORT: "0",
    TRADE_CANVAS_LOG_FORMAT: "json",
    ...env,
  });
  const url = await new Promise<string>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`not ready in time:\n${output()}`)), READY_LIMIT_MS);
    const look = (): void => {
      const match = /"event":"daemon\.ready","url":"([^"]+)"/.exec(output());
      if (match?.[1] === undefined) return;
      clearTimeout(limit);
      listeners.delete(look);
      resolve(match[1]);
    };
    listeners.add(look);
    child.once("exit", (code, signal) => {
      clearTimeout(limit);
      reject(new Error(`ended with ${code ?? signal} before it was ready:\n${output()}`));
    });
  });
  return {
    url,
    pid: child.pid as number,
    output,
    end: async (signal) => {
      if (!isRunning(child)) return child.exitCode ?? (child.signalCode as NodeJS.Signals);
      const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
      child.kill(signal);
      const [code, by] = await exited;
      return code ?? (by as NodeJS.Signals);
    },
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
