/** The rows of ledgers as lines of text: what is sent on the wire, behind what a reader must know to choose it. */
import type { FactorEvent } from "../factors/definition.js";
import { type Instruction, spanOf } from "../overlays/instruction.js";

/** Between the parts of a line; JSON text never holds one unescaped. */
const SEPARATOR = "\t";

/** An event as it is stored. */
export interface EventRow {
  /** Open time in seconds of the candle at which it became known. */
  readonly time: number;
  readonly kind: string;
  /** JSON text of the stored payload. */
  readonly text: string;
}

/** A lasting instruction as it is stored. */
export interface InstructionRow {
  readonly version: number;
  /** Open time in seconds of the candle at which it became visible. */
  readonly time: number;
  /** First and last time that it touches, in seconds. */
  readonly from: number;
  readonly to: number;
  readonly id: string;
  /** JSON text of the instruction, as it is sent. */
  readonly text: string;
}

export function eventLine({ time, kind, payload }: FactorEvent): string {
  return [time, kind, JSON.stringify(payload)].join(SEPARATOR);
}

export function parseEventLine(line: string): EventRow {
  const [time, kind] = line.split(SEPARATOR, 2) as [string, string];
  return { time: Number(time), kind, text: line.slice(time.length + kind.length + 2) };
}

export function instructionLine(instruction: Instruction): string {
  const { from, to } = spanOf(instruction.definition);
  const { version_id, visible_time, instruction_id } = instruction;
  return [version_id, visible_time, from, to, instruction_id, JSON.stringify(instruction)].join(SEPARATOR);
}

export function parseInstructionLine(line: string): InstructionRow {
  const [version, time, from, to, id, text] = line.split(SEPARATOR) as [string, string, string, string, string, string];
  return { version: Number(version), time: Number(time), from: Number(from), to: Number(to), id, text };
}

/** The lines of a block's rows. */
export function linesOf(rows: string): readonly string[] {
  return rows === "" ? [] : rows.split("\n");
}
