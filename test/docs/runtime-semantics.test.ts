/** The page that states what the runtime guarantees, held against the tests that show it and the machines that do it. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from "xstate";
import { guardrailMachine } from "../../src/actors/breaker/guardrail.machine.js";
import { dialMachine } from "../../src/actors/endpoint/dial.machine.js";
import { renewalMachine } from "../../src/actors/endpoint/renewal.machine.js";
import { linkMachine } from "../../src/actors/ingest/link.machine.js";
import { lifecycleMachine } from "../../src/actors/runtime/lifecycle.machine.js";
import { buildJobMachine } from "../../src/replay/build-job.machine.js";

const PAGE = readFileSync("docs/runtime-semantics.md", "utf8");

interface Sentence {
  readonly id: string;
  readonly text: string;
  readonly file: string;
  readonly title: string;
}

/** Rows of the form `| RS-W1 | sentence | test file: title |`. */
const SENTENCES: readonly Sentence[] = [...PAGE.matchAll(/^\| (RS-[A-Z]\d+) \| (.+) \| `(.+)`: (.+) \|$/gm)].map(
  ([, id = "", text = "", file = "", title = ""]) => ({ id, text, file, title }),
);

/** Titles of tests that name a guarantee, by file. */
const TITLES: ReadonlyMap<string, readonly string[]> = new Map(
  testFiles().map((file) => [
    file,
    [...readFileSync(file, "utf8").matchAll(/\(\s*"(RS-[A-Z]\d+ (?:[^"\\]|\\.)*)"\s*,/g)].map(
      ([, title = ""]) => title,
    ),
  ]),
);

function testFiles(): readonly string[] {
  const names = readdirSync("test", { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`);
}

describe("the sentences", () => {
  test("are there, each with an id of its own, and each is one sentence", () => {
    expect(SENTENCES.length).toBeGreaterThan(80);
    expect(new Set(SENTENCES.map(({ id }) => id)).size).toBe(SENTENCES.length);
    for (const { id, text } of SENTENCES) {
      expect(text, id).toMatch(/^[A-Z].*\.$/);
      expect(text, id).not.toMatch(/\. [A-Z]/);
    }
    const mentioned = new Set(PAGE.match(/RS-[A-Z]\d+/g));
    expect(mentioned.size, "every id of the page stands in a row").toBe(SENTENCES.length);
  });

  test("name a test that exists and bears their id", () => {
    const wrong = SENTENCES.filter(
      ({ id, file, title }) => !title.startsWith(`${id} `) || TITLES.get(file)?.includes(title) !== true,
    );
    expect(wrong).toEqual([]);
  });

  test("are all that tests claim to show", () => {
    const ids = new Set(SENTENCES.map(({ id }) => id));
    const claims = [...TITLES].flatMap(([file, titles]) =>
      titles.map((title) => ({ file, id: title.split(" ", 1)[0] ?? "" })),
    );
    expect(claims.filter(({ id }) => !ids.has(id))).toEqual([]);
    // One test for one sentence: what is shown twice is described once too often.
    expect(claims.length).toBe(new Set(claims.map(({ id }) => id)).size);
  });
});

/** A transition that several states share is drawn once for each of them. */
interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

function edgesOf(machine: AnyStateMachine): readonly string[] {
  const edges = [...substates(machine.root)].flatMap((node) => [
    ...[...ownTransitions(node), ...sharedTransitions(machine, node)].map((transition) => edge(node, transition)),
    ...(node.type === "final" ? [{ from: node.key, to: "[*]", label: "" }] : []),
  ]);
  const starts = [machine.root, ...substates(machine.root)].flatMap((node) =>
    node.initial.target.map((target) => ({ from: "[*]", to: target.key, label: "" })),
  );
  return [...starts, ...edges].map(line).sort();
}

function* substates(node: AnyStateNode): Generator<AnyStateNode> {
  for (const child of Object.values(node.states)) {
    yield child;
    yield* substates(child);
  }
}

function ownTransitions(node: AnyStateNode): readonly AnyTransitionDefinition[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}

/** Transitions of the whole machine, for its outermost states that have not ended. */
function sharedTransitions(machine: AnyStateMachine, node: AnyStateNode): readonly AnyTransitionDefinition[] {
  return node.parent === machine.root && node.type !== "final" ? ownTransitions(machine.root) : [];
}

function edge(node: AnyStateNode, transition: AnyTransitionDefinition): Edge {
  const event = eventName(node, transition.eventType);
  const guard = guardName(transition.guard);
  const to = transition.target?.[0]?.key ?? node.key;
  return { from: node.key, to, label: guard === undefined ? event : `${event} [${guard}]` };
}

/** @throws Error for a guard without a name, which could not be drawn. */
function guardName(guard: AnyTransitionDefinition["guard"]): string | undefined {
  if (guard === undefined || typeof guard === "string") return guard;
  if (typeof guard === "object" && "type" in guard) return String(guard.type);
  throw new Error("give the guard a name, so that it can be drawn");
}

/** What the machine's library calls `xstate.after.pause.…`, `xstate.done.actor.…` and ``, in words. */
function eventName(node: AnyStateNode, eventType: string): string {
  const source = String(node.invoke[0]?.src);
  if (eventType === "") return "at once";
  if (eventType.startsWith("xstate.after.")) return `after ${eventType.split(".")[2]}`;
  if (eventType.startsWith("xstate.done.actor.")) return `${source} done`;
  if (eventType.startsWith("xstate.error.actor.")) return `${source} failed`;
  return eventType;
}

function line({ from, to, label }: Edge): string {
  return label === "" ? `${from} --> ${to}` : `${from} --> ${to} : ${label}`;
}

/** The lines of the page's chart of a machine that draw a transition. */
function drawn(name: string): readonly string[] {
  const chart = new RegExp(`\`\`\`mermaid\nstateDiagram-v2\n  %% ${name}\n([\\s\\S]*?)\`\`\``).exec(PAGE)?.[1] ?? "";
  return chart
    .split("\n")
    .map((text) => text.trim())
    .filter((text) => text.includes("-->"))
    .sort();
}

describe("the charts", () => {
  test.each<[string, AnyStateMachine]>([
    ["guardrail", guardrailMachine],
    ["lifecycle", lifecycleMachine],
    ["link", linkMachine],
    ["dial", dialMachine],
    ["renewal", renewalMachine],
    ["build_job", buildJobMachine],
  ])("draw every state and transition of its machine, and no other: %s", (name, machine) => {
    expect(drawn(name)).toEqual(edgesOf(machine));
  });
});
