/** The daemon as a process of its own, for tests that kill it, signal it or need its command line. */
import { onTestFinished } from "vitest";
import { type Environment, type Launched, launch, MACHINE_READABLE, READY } from "./launch.js";

export interface DaemonProcess extends Launched {
  readonly url: string;
}

export interface RunResult {
  readonly code: number | NodeJS.Signals;
  readonly output: string;
}

/** Starts a command that is killed, should it still run, when the running test ends. */
export function launchForTest(args: readonly string[], env: Environment = {}): Launched {
  const launched = launch(args, env);
  onTestFinished(() => launched.killIfRunning());
  return launched;
}

/** Runs a command to its end. */
export async function runCommand(args: readonly string[], env: Environment = {}): Promise<RunResult> {
  const launched = launchForTest(args, env);
  return { code: await launched.ended(), output: launched.output() };
}

/** Starts a daemon and waits until it serves. */
export async function startProcess(args: readonly string[], env: Environment): Promise<DaemonProcess> {
  const launched = launchForTest(args, { ...MACHINE_READABLE, ...env });
  const [, url = ""] = await launched.says(READY);
  return { ...launched, url };
}
