/** Where a replay stands, and how it moves on. Pure: told of the time that has passed. */

/** Candles per second that can be chosen. */
export const SPEEDS = [1, 2, 5, 10, 25, 50] as const;

export interface Playback {
  /** The candle that has just closed, from 0. */
  readonly index: number;
  /** Candles of the package. */
  readonly total: number;
  readonly playing: boolean;
  /** Candles per second. */
  readonly speed: number;
  /** The part of the next candle that has passed, from 0 to 1. */
  readonly part: number;
}

/** A replay of so many candles that stands still in the middle, with history before it. */
export function beginning(total: number): Playback {
  return { index: Math.floor((total - 1) / 2), total, playing: false, speed: 5, part: 0 };
}

/** At another candle, the nearest one that there is. */
export function sought(playback: Playback, index: number): Playback {
  const inside = Math.min(Math.max(Math.round(index), 0), playback.total - 1);
  return { ...playback, index: inside, part: 0, playing: playback.playing && inside < playback.total - 1 };
}

/** Playing, or standing still; from its end a replay plays from the beginning. */
export function toggled(playback: Playback): Playback {
  if (playback.playing) return { ...playback, playing: false, part: 0 };
  const index = playback.index === playback.total - 1 ? 0 : playback.index;
  return { ...playback, index, playing: playback.total > 1, part: 0 };
}

export function atSpeed(playback: Playback, speed: number): Playback {
  return { ...playback, speed };
}

/** After some time of playing, in milliseconds: further by whole candles, and standing still at the last one. */
export function played(playback: Playback, ms: number): Playback {
  if (!playback.playing) return playback;
  const due = playback.part + (ms * playback.speed) / 1_000;
  const steps = Math.floor(due);
  const index = Math.min(playback.index + steps, playback.total - 1);
  const playing = index < playback.total - 1;
  return { ...playback, index, playing, part: playing ? due - steps : 0 };
}
