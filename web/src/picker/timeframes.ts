/** The timeframes of the symbol, as a row of switches. */
import { parseSeriesId, withTimeframe } from "../../../src/market/series-id.js";
import { make } from "../shell/dom.js";
import { TIMEFRAMES } from "./series-list.js";

export class Timeframes {
  readonly #buttons: readonly HTMLButtonElement[];

  constructor(host: HTMLElement, chosen: (timeframe: string) => void) {
    this.#buttons = TIMEFRAMES.map((timeframe, i) =>
      make("button", {
        ...{
          type: "button",
          role: "radio",
          "data-timeframe": timeframe,
          text: timeframe,
          title: `${timeframe} (${i + 1})`,
        },
      }),
    );
    for (const button of this.#buttons) {
      button.addEventListener("click", () => chosen(button.dataset.timeframe ?? ""));
    }
    host.replaceChildren(...this.#buttons);
  }

  show(series: string): void {
    const { timeframe } = parseSeriesId(series);
    for (const button of this.#buttons) {
      button.setAttribute("aria-checked", String(button.dataset.timeframe === timeframe));
    }
  }
}

/** The series of the same symbol in the n-th timeframe, from 1. @returns undefined when there is none. */
export function nthTimeframe(series: string, n: number): string | undefined {
  const timeframe = TIMEFRAMES[n - 1];
  return timeframe === undefined ? undefined : withTimeframe(parseSeriesId(series), timeframe).text;
}
