/** The candle. Spec: http-api §2, ingest §1.3. */

/**
 * Open, high, low, close and volume of one interval. Whether it is closed or forming is said by where it is, never by a
 * field: a stored candle is closed. Nothing is assumed about its values (no `low <= high`) nor about its time (it need
 * not lie on the grid of its timeframe).
 */
export interface Candle {
  /** Open time in whole seconds since the Unix epoch, UTC. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The candle as it is written on the wire. */
export interface WireCandle {
  readonly candle_time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export function fromWireCandle(wire: WireCandle): Candle {
  const { candle_time: time, open, high, low, close, volume } = wire;
  return { time, open, high, low, close, volume };
}

export function toWireCandle(candle: Candle): WireCandle {
  const { time: candle_time, open, high, low, close, volume } = candle;
  return { candle_time, open, high, low, close, volume };
}

/** The JSON text of the wire form; the same bytes as `JSON.stringify(toWireCandle(candle))`, without the object. */
export function candleJson(candle: Candle): string {
  return `{"candle_time":${candle.time},"open":${candle.open},"high":${candle.high},"low":${candle.low},"close":${candle.close},"volume":${candle.volume}}`;
}

/** Whether two candles are the same in every value. */
export function sameCandle(a: Candle, b: Candle): boolean {
  return (
    a.time === b.time &&
    a.open === b.open &&
    a.high === b.high &&
    a.low === b.low &&
    a.close === b.close &&
    a.volume === b.volume
  );
}

/** The candles of one series in order: ascending by time, one per time, of several with one time the last given. */
export function normaliseCandles(candles: readonly Candle[]): readonly Candle[] {
  if (isAscending(candles)) return candles;
  const byTime = new Map<number, Candle>();
  for (const candle of candles) byTime.set(candle.time, candle);
  return [...byTime.values()].sort((a, b) => a.time - b.time);
}

function isAscending(candles: readonly Candle[]): boolean {
  return candles.every((candle, index) => index === 0 || candle.time > (candles[index - 1] as Candle).time);
}
