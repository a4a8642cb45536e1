/**
 * Candles that were made of shorter ones, held against the exchange's own of the same timeframe. Pure.
 * Spec: binance-protocol F35; docs/derived-timeframes.md.
 */
import { type Candle, toWireCandle, type WireCandle } from "./candle.js";
import { differingField } from "./cross-check.js";

/** A bucket of which the two say different things. */
export interface BucketDisagreement {
  /** Open time of the bucket in seconds. */
  readonly time: number;
  /** Null when one of its base candles is missing. */
  readonly derived: Candle | null;
  /** Null when the exchange does not have the bucket. */
  readonly exchange: Candle | null;
}

export interface Reconciled {
  /** Buckets that at least one of the two has. */
  readonly compared: number;
  /** Ascending by time. */
  readonly differences: readonly BucketDisagreement[];
}

/** @param derived @param exchange candles of one range, which both are known to have to its end. */
export function reconcile(derived: readonly Candle[], exchange: readonly Candle[]): Reconciled {
  const made = new Map(derived.map((candle) => [candle.time, candle]));
  const told = new Map(exchange.map((candle) => [candle.time, candle]));
  const times = [...new Set([...made.keys(), ...told.keys()])].sort((a, b) => a - b);
  const differences = times.flatMap((time): BucketDisagreement[] => {
    const [ours, theirs] = [made.get(time), told.get(time)];
    const same = ours !== undefined && theirs !== undefined && differingField(ours, theirs) === undefined;
    return same ? [] : [{ time, derived: ours ?? null, exchange: theirs ?? null }];
  });
  return { compared: times.length, differences };
}

/** The disagreement as it is written on the wire. */
export interface WireDisagreement {
  readonly candle_time: number;
  readonly derived: WireCandle | null;
  readonly exchange: WireCandle | null;
}

export function toWireDisagreement({ time, derived, exchange }: BucketDisagreement): WireDisagreement {
  return {
    candle_time: time,
    derived: derived && toWireCandle(derived),
    exchange: exchange && toWireCandle(exchange),
  };
}
