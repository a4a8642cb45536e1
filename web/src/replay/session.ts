/** A replay that is open: it moves on, has the windows it needs, and shows the picture of every moment. */
import type { Picture } from "../model/picture.js";
import { pictureAt } from "./moment.js";
import type { OpenedReplay } from "./open-replay.js";
import { atSpeed, beginning, type Playback, played, sought, toggled } from "./playback.js";
import { WindowCache } from "./window-cache.js";

/** A frame takes at most this long of the replay, in milliseconds: a page that was away goes on where it was. */
const LONGEST_FRAME_MS = 250;

export interface SessionOptions {
  readonly opened: OpenedReplay;
  readonly show: (picture: Picture) => void;
  /** Told of every change. */
  readonly moved: (playback: Playback, standing: SessionStanding) => void;
  /** Calls back before the next frame, with the page's time in milliseconds. */
  readonly nextFrame: (callback: (nowMs: number) => void) => void;
}

export interface SessionStanding {
  /** The window of the candle is still to come. */
  readonly waiting: boolean;
  /** Why it did not come; null when it did. */
  readonly error: string | null;
  /** The moment that the chart shows, Unix seconds; null before the first. */
  readonly shownTime: number | null;
}

export class ReplaySession {
  readonly #options: SessionOptions;
  readonly #windows: WindowCache;
  #playback: Playback;
  #standing: SessionStanding = { waiting: false, error: null, shownTime: null };
  /** What the chart shows; nothing yet. */
  #shownIndex: number | undefined;
  #framing = false;
  #ended = false;

  constructor(options: SessionOptions) {
    const { opened } = options;
    this.#options = options;
    this.#playback = beginning(opened.candles.length);
    this.#windows = new WindowCache({ windowSize: opened.windowSize, total: opened.candles.length, load: opened.load });
  }

  /** Shows the first picture. */
  begin(): void {
    this.#move(this.#playback);
  }

  toggle(): void {
    this.#move(toggled(this.#playback));
  }

  seek(index: number): void {
    this.#move(sought(this.#playback, index));
  }

  step(candles: number): void {
    const { index } = this.#playback;
    this.#move({ ...sought(this.#playback, index + candles), playing: false });
  }

  setSpeed(speed: number): void {
    this.#move(atSpeed(this.#playback, speed));
  }

  /** Shows nothing any more. */
  end(): void {
    this.#ended = true;
  }

  #move(playback: Playback): void {
    const direction = playback.index < this.#playback.index ? -1 : 1;
    this.#playback = playback;
    this.#show();
    this.#windows.lookAhead(playback.index, direction);
    if (playback.playing) this.#frame();
  }

  /** Shows the candle if its window is there, and otherwise when it has come. */
  #show(): void {
    const { opened, show } = this.#options;
    const { index } = this.#playback;
    if (index === this.#shownIndex) {
      this.#tell({ ...this.#standing, waiting: false, error: null });
      return;
    }
    const window = this.#windows.at(index);
    if (window === undefined) {
      this.#tell({ ...this.#standing, waiting: true, error: null });
      this.#await(index);
      return;
    }
    const picture = pictureAt(opened, window, index);
    show(picture);
    this.#shownIndex = index;
    this.#tell({ waiting: false, error: null, shownTime: picture.drawnTime });
  }

  async #await(index: number): Promise<void> {
    try {
      await this.#windows.want(index);
      if (!this.#ended && this.#standing.waiting) this.#show();
    } catch (error) {
      if (this.#ended || this.#playback.index !== index) return;
      this.#playback = { ...this.#playback, playing: false };
      this.#tell({ ...this.#standing, waiting: false, error: error instanceof Error ? error.message : String(error) });
    }
  }

  #tell(standing: SessionStanding): void {
    this.#standing = standing;
    this.#options.moved(this.#playback, standing);
  }

  /** Moves on with every frame while it plays. Time in which a window is awaited does not count. */
  #frame(): void {
    if (this.#framing) return;
    this.#framing = true;
    let lastMs: number | null = null;
    const frame = (nowMs: number): void => {
      if (this.#ended || !this.#playback.playing) {
        this.#framing = false;
        return;
      }
      const passedMs = lastMs === null || this.#standing.waiting ? 0 : Math.min(nowMs - lastMs, LONGEST_FRAME_MS);
      lastMs = nowMs;
      this.#advance(played(this.#playback, passedMs));
      this.#options.nextFrame(frame);
    };
    this.#options.nextFrame(frame);
  }

  #advance(playback: Playback): void {
    const moved = playback.index !== this.#playback.index;
    this.#playback = playback;
    if (!moved) return;
    this.#show();
    this.#windows.lookAhead(playback.index, 1);
  }
}
