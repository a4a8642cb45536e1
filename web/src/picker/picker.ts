/** The dialog in which a series is chosen: whitelist, the markets that trade most, or a series id that is typed. */
import type { MarketName } from "../../../src/client/answers/market.js";
import type { TradeCanvasClient } from "../../../src/client/client.js";
import { ClientError } from "../../../src/client/errors.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { percentText, volumeText } from "../chart/numbers.js";
import { isSeries } from "../location.js";
import { make, setText } from "../shell/dom.js";
import { closeButton } from "../shell/help.js";
import { type Choice, matching, ranked, whitelisted } from "./series-list.js";

const MARKETS = ["futures", "spot"] as const;

/** Markets that are asked for. */
const LISTED_MARKETS = 100;

/** How often the list of markets is looked at while the dialog is open, in seconds. */
const STREAM_INTERVAL_S = 2;

export interface PickerParts {
  readonly client: TradeCanvasClient;
  readonly dialog: HTMLDialogElement;
  readonly current: () => string;
  readonly chosen: (series: string) => void;
}

export class Picker {
  readonly #parts: PickerParts;
  readonly #search = make("input", {
    ...{ type: "search", placeholder: "Symbol, or a series id", "aria-label": "Search", autocomplete: "off" },
    ...{ spellcheck: "false", role: "combobox", "aria-controls": "picker-list", "aria-expanded": "true" },
  });
  readonly #tabs = MARKETS.map((market) =>
    make("button", { type: "button", role: "radio", "data-market": market, text: market }),
  );
  readonly #list = make("ul", { id: "picker-list", class: "picker-list", role: "listbox", "aria-label": "Series" });
  readonly #said = make("p", { class: "picker-said hint", role: "status" });
  #market: MarketName = "futures";
  #whitelist: readonly Choice[] = [];
  #top: readonly Choice[] = [];
  #selected = 0;
  #stream: AbortController | undefined;

  constructor(parts: PickerParts) {
    this.#parts = parts;
    const { dialog } = parts;
    const tabs = make("div", { class: "picker-tabs", role: "radiogroup", "aria-label": "Market" }, this.#tabs);
    dialog.replaceChildren(
      make("div", { class: "picker-head" }, [this.#search, tabs, closeButton(dialog)]),
      this.#said,
      this.#list,
    );
    for (const tab of this.#tabs) tab.addEventListener("click", () => this.#toMarket(tab.dataset.market as MarketName));
    this.#search.addEventListener("input", () => this.#select(0));
    this.#search.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("click", ({ target }) => {
      const series = (target as Element).closest<HTMLElement>("[data-series]")?.dataset.series;
      if (series !== undefined) this.#choose(series);
    });
    dialog.addEventListener("close", () => this.#stream?.abort());
  }

  open(): void {
    const { dialog, current, client } = this.#parts;
    if (dialog.open) return;
    const { market, timeframe } = parseSeriesId(current());
    this.#search.value = "";
    dialog.showModal();
    this.#search.focus();
    client
      .whitelist()
      .then(({ series_ids }) => {
        this.#whitelist = whitelisted(series_ids.filter(isSeries), timeframe);
        this.#render();
      })
      .catch((error) => this.#failed(error));
    this.#toMarket(market === "spot" ? "spot" : "futures");
  }

  #toMarket(market: MarketName): void {
    this.#market = market;
    this.#top = [];
    for (const tab of this.#tabs) tab.setAttribute("aria-checked", String(tab.dataset.market === market));
    setText(this.#said, "");
    this.#select(0);
    this.#follow().catch((error) => this.#failed(error));
  }

  /** Shows the list, and again whenever it changes. */
  async #follow(): Promise<void> {
    this.#stream?.abort();
    const stream = new AbortController();
    this.#stream = stream;
    const { timeframe } = parseSeriesId(this.#parts.current());
    const query = { market: this.#market, limit: LISTED_MARKETS, interval_s: STREAM_INTERVAL_S };
    for await (const { items } of this.#parts.client.topMarketsStream(query, { signal: stream.signal })) {
      if (this.#stream !== stream) return;
      this.#top = ranked(items, timeframe);
      setText(this.#said, "");
      this.#render();
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof ClientError)) throw error;
    if (error.code === "aborted") return;
    setText(this.#said, `The markets of the exchange are not known: ${error.message}`);
  }

  #choices(): readonly Choice[] {
    const typed = this.#search.value.trim();
    const known = new Set(this.#top.map(({ series }) => series));
    const ofMarket = this.#whitelist.filter(({ market }) => market === this.#market);
    const listed = [...ofMarket.filter(({ series }) => !known.has(series)), ...this.#top];
    const found = matching(listed, typed);
    return found.length === 0 && isSeries(typed) ? whitelisted([typed], parseSeriesId(typed).timeframe) : found;
  }

  #select(index: number): void {
    this.#selected = index;
    this.#render();
  }

  #key(event: KeyboardEvent): void {
    const choices = this.#choices();
    const moves: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const move = moves[event.key];
    if (move !== undefined) {
      this.#select(Math.min(choices.length - 1, Math.max(0, this.#selected + move)));
      this.#list.children[this.#selected]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      const chosen = choices[this.#selected];
      if (chosen !== undefined) this.#choose(chosen.series);
    } else return;
    event.preventDefault();
  }

  #choose(series: string): void {
    this.#parts.dialog.close();
    this.#parts.chosen(series);
  }

  #render(): void {
    const choices = this.#choices();
    const current = this.#parts.current();
    const ofWhitelist = new Set(this.#whitelist.map(({ series }) => series));
    const rows = choices.map((choice, i) => {
      const isSelected = i === this.#selected;
      const id = `picker-choice-${i}`;
      if (isSelected) this.#search.setAttribute("aria-activedescendant", id);
      return make("li", { id, role: "option", "data-series": choice.series, "aria-selected": String(isSelected) }, [
        make("span", { class: "choice-symbol", text: choice.symbol }),
        make("span", { class: "choice-tag", text: tagOf(choice, current, ofWhitelist) }),
        make("span", { class: "choice-price", text: choice.lastPrice?.toLocaleString("en-US", PRICE) ?? "" }),
        changeOf(choice),
        make("span", {
          class: "choice-volume",
          text: choice.quoteVolume === null ? "" : volumeText(choice.quoteVolume),
        }),
      ]);
    });
    this.#list.replaceChildren(...rows);
    if (choices.length === 0 && this.#search.value !== "")
      setText(this.#said, "Nothing has this name. A whole series id is taken as it is.");
  }
}

const PRICE = { maximumSignificantDigits: 8 } as const;

function tagOf({ series }: Choice, current: string, whitelist: ReadonlySet<string>): string {
  if (series === current) return "shown";
  return whitelist.has(series) ? "always fed" : "";
}

function changeOf({ changePercent }: Choice): HTMLElement {
  if (changePercent === null) return make("span", { class: "choice-change" });
  const direction = changePercent < 0 ? "down" : "up";
  return make("span", { class: "choice-change", "data-direction": direction, text: percentText(changePercent / 100) });
}
