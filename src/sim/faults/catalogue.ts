/** Every fault that can be switched. Numbers F..: binance-protocol §6. */
import type { TProperties } from "typebox";
import { Value } from "typebox/value";
import { breakHandshakes, noPings, refuseConnections, refuseControl, slowHandshakes } from "./connection-faults.js";
import type { DefinedFault, FaultDefinition, FaultHooks } from "./definition.js";
import { delay, dropFinals, duplicate, garble, hiddenTail, silence, staleUpdates } from "./delivery-faults.js";
import { foreignWeight, restGarbage, restLag, restRefusal, restSlow } from "./rest-faults.js";
import { delisting, halt, revision } from "./truth-faults.js";

export const FAULTS = [
  refuseConnections,
  breakHandshakes,
  slowHandshakes,
  noPings,
  refuseControl,
  silence,
  dropFinals,
  delay,
  duplicate,
  staleUpdates,
  hiddenTail,
  garble,
  restRefusal,
  restGarbage,
  restSlow,
  foreignWeight,
  restLag,
  halt,
  delisting,
  revision,
] as const;

/** A fault of any kind with its scope and fields. */
export type Fault = DefinedFault<(typeof FAULTS)[number]>;

/** Something that is no fault. The message names the value and the remedy. */
export class FaultError extends Error {
  override readonly name = "FaultError";
}

/**
 * Reads a fault that came from outside.
 * @throws FaultError
 */
export function parseFault(value: unknown): Fault {
  const kind = typeof value === "object" && value !== null ? (value as { kind?: unknown }).kind : undefined;
  const definition = definitionOf(kind);
  if (definition === undefined) {
    throw new FaultError(
      `fault kind ${JSON.stringify(kind)} is unknown; use one of ${FAULTS.map(({ kind: name }) => name).join(", ")}`,
    );
  }
  const [problem] = Value.Errors(definition.schema, value);
  if (problem !== undefined) {
    throw new FaultError(`fault '${definition.kind}': ${problem.instancePath || "the fault"} ${problem.message}`);
  }
  return value as Fault;
}

/** What a fault does at each point. */
export function hooksOf(fault: Fault): FaultHooks {
  const definition = definitionOf(fault.kind);
  if (definition === undefined) throw new FaultError(`fault kind ${JSON.stringify(fault.kind)} is unknown`);
  return definition.hooks(fault as never);
}

function definitionOf(kind: unknown): FaultDefinition<string, TProperties> | undefined {
  return (FAULTS as readonly unknown[] as readonly FaultDefinition<string, TProperties>[]).find(
    (definition) => definition.kind === kind,
  );
}
