/** The process of one worker: runs the seeds that it is told, one at a time, until its parent is gone. */
import { runSeed } from "./run.js";
import type { WorkerTask } from "./worker-pool.js";

process.on("message", (task: WorkerTask) => {
  void runSeed(task.seed, task).then(({ journal: _, ...result }) => process.send?.(result));
});
process.on("disconnect", () => process.exit());
// An interrupt at the terminal reaches every process; the parent decides what comes of it.
process.on("SIGINT", () => undefined);
