/** The verifiers of an exchange: one for each of its markets. */
import type { Clock } from "../../clock/clock.js";
import type { EventLog } from "../../observability/event-log.js";
import type { StoreReader } from "../../storage/store.js";
import type { ExchangePort } from "./exchange-port.js";
import { FinalVerifier, type FinalVerifierOptions } from "./verifier.js";

export interface VerifiersOptions extends Pick<FinalVerifierOptions, "followed" | "verify"> {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly store: Pick<StoreReader, "head">;
}

export function marketVerifiers(
  exchange: string,
  markets: Readonly<Record<string, ExchangePort>>,
  { clock, log, store, followed, verify }: VerifiersOptions,
): readonly FinalVerifier[] {
  return Object.entries(markets).map(([market, port]) => {
    const prefix = `${exchange}:${market}:`;
    return new FinalVerifier({
      exchange: port,
      clock,
      log,
      followed: () => followed().filter((series) => series.startsWith(prefix)),
      headTime: (series) => store.head(series).lastTime,
      verify,
    });
  });
}
