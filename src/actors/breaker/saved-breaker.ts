/** A breaker as it is kept across restarts: in wall-clock time, because monotonic time begins anew with a process. */
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

const State = Type.Union([
  Type.Literal("closed"),
  Type.Literal("open"),
  Type.Literal("half_open"),
  Type.Literal("isolated"),
]);

/** Times in Unix milliseconds. */
const SavedBreaker = Type.Object({
  state: State,
  since_ms: Type.Number(),
  failures_ms: Type.Array(Type.Number()),
  consecutive: Type.Integer({ minimum: 0 }),
  last_error: Type.Union([Type.String(), Type.Null()]),
  last_failure_at_ms: Type.Union([Type.Number(), Type.Null()]),
  open_until_ms: Type.Union([Type.Number(), Type.Null()]),
  last_backoff_ms: Type.Number({ minimum: 0 }),
  transitions: Type.Array(Type.Object({ at_ms: Type.Number(), from: State, to: State })),
});
export type SavedBreaker = Static<typeof SavedBreaker>;

/** @returns undefined for anything that is not a breaker's record: it then begins closed. */
export function savedBreakerIn(value: unknown): SavedBreaker | undefined {
  return Value.Check(SavedBreaker, value) ? value : undefined;
}
