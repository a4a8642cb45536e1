/** What the panels of the page are given, and what a panel is. */
import type { TradeCanvasClient } from "../../src/client/client.js";
import type { ChartView } from "./chart/chart-view.js";

/** The series that the page shows. */
export interface ShownSeries {
  /** `binance:futures:BTC/USDT:1m`. */
  readonly current: string;
  /** Told of every other series that is shown from now on. @returns ends the telling. */
  onChange(listener: (series: string) => void): () => void;
}

/** What follows the series live and shows it. */
export interface Live {
  /** From now on somebody else shows pictures; the feed is followed on, and nothing of it is shown. */
  pause(): void;
  /** Shows the newest picture again, and goes on. */
  resume(): void;
}

export interface PageParts {
  readonly client: TradeCanvasClient;
  readonly chart: ChartView;
  readonly series: ShownSeries;
  readonly live: Live;
}

/** An open panel. */
export interface Panel {
  /** Stops what it does and empties its host. */
  end(): void;
}
