import { describe, expect, it } from "vitest";
import { Journal, type JournalEntry } from "../../src/sim/journal.js";

const noTruth = () => [];

function closedBy(connection: number) {
  return { connection, by: "client", code: 1000, reason: "" } as const;
}

describe("the journal", () => {
  it("numbers entries over all kinds and stamps them with the exchange's time", () => {
    let now = 5.7;
    const journal = new Journal(() => now, 10, noTruth);
    journal.note("closed", closedBy(1));
    now = 8;
    journal.note("refusal", { connection: 1, code: 3, message: "Invalid JSON" });
    expect(journal.entries("closed")).toEqual([{ sequence: 1, atMs: 5, kind: "closed", ...closedBy(1) }]);
    expect(journal.entries("refusal")[0]?.sequence).toBe(2);
  });

  it("keeps the newest of each kind, in order, and counts what made room", () => {
    const journal = new Journal(() => 0, 3, noTruth);
    for (let connection = 1; connection <= 8; connection += 1) journal.note("closed", closedBy(connection));
    journal.note("refusal", { connection: 1, code: 3, message: "" });
    expect(journal.entries("closed").map(({ connection }) => connection)).toEqual([6, 7, 8]);
    expect([journal.count("closed"), journal.dropped("closed")]).toEqual([8, 5]);
    expect([journal.count("refusal"), journal.dropped("refusal")]).toEqual([1, 0]);
  });

  it("pages by running number", () => {
    const journal = new Journal(() => 0, 10, noTruth);
    for (let connection = 1; connection <= 5; connection += 1) journal.note("closed", closedBy(connection));
    expect(journal.entries("closed", 3).map(({ sequence }) => sequence)).toEqual([4, 5]);
  });

  it("tells listeners until they leave", () => {
    const journal = new Journal(() => 0, 1, noTruth);
    const heard: JournalEntry[] = [];
    const leave = journal.listen((entry) => heard.push(entry));
    journal.note("closed", closedBy(1));
    leave();
    journal.note("closed", closedBy(2));
    expect(heard.map(({ sequence }) => sequence)).toEqual([1]);
  });
});
