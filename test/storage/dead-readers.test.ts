import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openEnv } from "../../src/storage/lmdb-env.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import { ROOT } from "../support/root.js";
import { tempFolder } from "../support/temp.js";

/** Opens the store, reads in a transaction that stays, says so, and hangs. */
const reader = (folder: string): string => `
  import { openEnv } from ${JSON.stringify(new URL("dist/storage/lmdb-env.js", ROOT).href)};
  const { root } = openEnv(${JSON.stringify(folder)}, "read_only");
  const transaction = root.useReadTransaction();
  root.get(Buffer.from("format"), { transaction });
  process.send("reading");
  setInterval(() => root.get(Buffer.from("format"), { transaction }), 1000);
`;

test("the place of a reader whose process was killed is given free while the store stays open", async () => {
  const folder = tempFolder();
  const store = openLmdbStore(folder);
  onTestFinished(() => store.close());
  const script = join(tempFolder(), "reader.mjs");
  writeFileSync(script, reader(folder));
  const child = fork(script, { execArgv: [] });
  await once(child, "message");
  const { root } = openEnv(folder, "read_only");
  onTestFinished(() => root.close());
  expect(root.readerList()).toContain(` ${child.pid} `);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(root.readerList()).toContain(` ${child.pid} `);
  store.releaseDeadReaders();
  expect(root.readerList()).not.toContain(` ${child.pid} `);
});
