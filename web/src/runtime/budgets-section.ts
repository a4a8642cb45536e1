/** How much of what the exchange rations is used, per market. */
import type { Budget, FeedOfMarket, FeedStateAnswer } from "../../../src/client/answers/feed.js";
import { make, setText } from "../shell/dom.js";
import { showItems } from "../shell/keyed.js";
import { lasting } from "../words.js";
import { section, setEmpty } from "./section.js";
import type { Told } from "./watch.js";

/** From this part of a budget on it is shown as scarce, and from the other as used up. */
const SCARCE = 0.6;
const SPENT = 0.9;

interface Bar {
  readonly market: string;
  readonly label: string;
  readonly budget: Budget;
}

export class BudgetsSection {
  readonly #section = section("budgets", "Budgets");
  readonly #bars = make("div", { class: "bars" });

  get root(): HTMLElement {
    return this.#section.root;
  }

  show(feed: Told<FeedStateAnswer>): void {
    if ("closed" in feed) {
      setEmpty(this.#section.body, feed.closed);
      return;
    }
    if (this.#bars.parentElement === null) this.#section.body.replaceChildren(this.#bars);
    const silent = feed.value.markets.flatMap(({ market, silence }) =>
      silence === null ? [] : [`${market} is silent for ${lasting(silence.for_s * 1_000)}: ${silence.cause}`],
    );
    setText(this.#section.summary, silent.join(" · "));
    showItems(this.#bars, feed.value.markets, {
      keyOf: ({ market }) => market,
      make: ({ market }) => make("div", { class: "market" }, [make("h4", { text: market }), make("div")]),
      update: updateMarket,
    });
  }
}

function updateMarket(column: HTMLElement, market: FeedOfMarket): void {
  const [, bars] = column.children;
  if (bars === undefined) return;
  showItems(bars, barsOf(market), { keyOf: ({ label }) => label, make: makeBar, update: updateBar });
}

function barsOf({ market, budgets }: FeedOfMarket): readonly Bar[] {
  if (budgets === undefined) return [];
  const { request_weight, connection_attempts, subscribe_messages } = budgets;
  return [
    { market, label: "request weight", budget: request_weight },
    { market, label: "connections", budget: connection_attempts },
    { market, label: "messages", budget: subscribe_messages },
  ].filter(({ budget }) => budget.limit > 0);
}

function makeBar({ market, label }: Bar): HTMLElement {
  return make("div", { class: "bar", "data-name": `${market} ${label}` }, [
    make("span", { class: "name", text: label }),
    make("span", { class: "value" }),
    make("meter", { "aria-label": `${market} ${label}`, min: "0" }),
  ]);
}

function updateBar(row: HTMLElement, { budget: { used, limit, window_s } }: Bar): void {
  const [, value, meter] = row.children;
  if (value !== undefined) setText(value, `${used.toLocaleString("en")} / ${limit.toLocaleString("en")}`);
  row.title = `in ${lasting(window_s * 1_000)}`;
  if (!(meter instanceof HTMLMeterElement)) return;
  meter.max = limit;
  meter.low = limit * SCARCE;
  meter.high = limit * SPENT;
  meter.optimum = 0;
  meter.value = used;
}
