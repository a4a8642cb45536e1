/** The line above the chart: open, high, low, close, change and volume of one candle. */
import type { WireCandle } from "../../../src/client/answers/market.js";
import { make, setText } from "../shell/dom.js";
import { percentText, priceText, volumeText } from "./numbers.js";

const VALUES = ["O", "H", "L", "C"] as const;

export class Legend {
  readonly #time = make("span", { class: "legend-time" });
  readonly #values = VALUES.map(() => make("span", { class: "legend-value" }));
  readonly #change = make("span", { class: "legend-value" });
  readonly #volume = make("span", { class: "legend-value" });
  readonly #host: HTMLElement;

  constructor(host: HTMLElement) {
    this.#host = host;
    const named = VALUES.map((name, i) => pair(name, this.#values[i] ?? make("span")));
    host.replaceChildren(this.#time, ...named, this.#change, pair("V", this.#volume));
  }

  /** @param time as text. @param decimals of prices. */
  show(candle: WireCandle, time: string, decimals: number, isForming: boolean): void {
    const { open, high, low, close, volume } = candle;
    setText(this.#time, isForming ? `${time} · forming` : time);
    for (const [i, value] of [open, high, low, close].entries()) {
      const target = this.#values[i];
      if (target !== undefined) setText(target, priceText(value, decimals));
    }
    setText(this.#change, percentText(open === 0 ? 0 : close / open - 1));
    setText(this.#volume, volumeText(volume));
    this.#host.dataset.direction = close >= open ? "up" : "down";
    this.#host.hidden = false;
  }

  /** There is a place there, and no candle. */
  showMissing(time: string): void {
    setText(this.#time, `${time} · no candle`);
    for (const value of [...this.#values, this.#change, this.#volume]) setText(value, "–");
    delete this.#host.dataset.direction;
  }

  clear(): void {
    this.#host.hidden = true;
  }
}

function pair(name: string, value: HTMLElement): HTMLElement {
  return make("span", { class: "legend-pair" }, [make("span", { class: "legend-name", text: name }), value]);
}
