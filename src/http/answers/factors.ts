/** Answers about what the factors say. Spec: http-api §2.1, §5; factors. */
import { type TSchema, Type } from "typebox";
import { FACTOR_ROWS } from "./factor-rows.js";
import { HealthColour } from "./market.js";
import {
  always,
  CANDLE_ID,
  count,
  flag,
  list,
  named,
  nullable,
  object,
  oneOf,
  SCHEMA_VERSION,
  SERIES_ID,
  text,
  unixSeconds,
} from "./parts.js";

/** A slice of one factor: its name begins with a capital in the name of the schema. */
function sliceOf<const Name extends string, History extends TSchema, Head extends TSchema>(
  factor: Name,
  [history, head]: readonly [History, Head],
) {
  const title = `${factor.charAt(0).toUpperCase()}${factor.slice(1)}Slice`;
  return named(title, `What the factor \`${factor}\` says at a candle.`, {
    schema_version: SCHEMA_VERSION,
    history,
    head,
    meta: object({
      series_id: SERIES_ID,
      epoch: always(0),
      at_time: unixSeconds("Open time of the candle."),
      candle_id: CANDLE_ID,
      factor_name: always(factor),
    }),
  });
}

const SLICES = {
  pivot: sliceOf("pivot", FACTOR_ROWS.pivot),
  pen: sliceOf("pen", FACTOR_ROWS.pen),
  zhongshu: sliceOf("zhongshu", FACTOR_ROWS.zhongshu),
  anchor: sliceOf("anchor", FACTOR_ROWS.anchor),
  sr: sliceOf("sr", FACTOR_ROWS.sr),
} as const;

export const FactorName = oneOf(["pivot", "pen", "zhongshu", "anchor", "sr"]);

export const SlicesAnswer = named("SlicesAnswer", "What the factors say at a candle.", {
  schema_version: SCHEMA_VERSION,
  series_id: SERIES_ID,
  at_time: unixSeconds("Open time of the candle; the time asked for if there is none at or before it."),
  candle_id: nullable(text("`<series_id>:<at_time>`; null if there is no candle.")),
  factors: list(FactorName, "Those that have something to show, in the order of the catalog."),
  snapshots: object(
    {
      pivot: Type.Optional(SLICES.pivot),
      pen: Type.Optional(SLICES.pen),
      zhongshu: Type.Optional(SLICES.zhongshu),
      anchor: Type.Optional(SLICES.anchor),
      sr: Type.Optional(SLICES.sr),
    },
    "A slice for each of `factors`, in the same order.",
  ),
});

function snapshot<const Name extends keyof typeof SLICES>(factor: Name) {
  const from = unixSeconds("From this candle on.");
  return object({ factor_name: always(factor), candle_time: from, snapshot: SLICES[factor] });
}

/** The slice of one factor where it says something else than before. */
export const FactorSnapshot = Type.Union(
  [snapshot("pivot"), snapshot("pen"), snapshot("zhongshu"), snapshot("anchor"), snapshot("sr")],
  { title: "FactorSnapshot", description: "The slice of one factor where it says something else than before." },
);

const entry = {
  key: text("As in slices and instructions."),
  label: text("For people."),
  default_visible: flag("A chart shows it until someone says otherwise."),
};

export const FactorCatalogAnswer = named("FactorCatalogAnswer", "How factors and features are called.", {
  schema_version: SCHEMA_VERSION,
  factors: list(
    object({ ...entry, sub_features: list(object(entry)) }),
    "In the order in which they are computed: each comes after those that it depends on.",
  ),
});

const delay = (what: string) => ({
  seconds: nullable(count(`Store head − ${what}, not below 0, in seconds; null without one of the two.`)),
  candles: nullable(count("The same in candles, rounded up.")),
});
const [factor, overlay, max] = [delay("factor head"), delay("overlay head"), delay("the one further behind")];

export const FactorHealthAnswer = named(
  "FactorHealthAnswer",
  "Whether factors and drawing are level with the candles.",
  {
    series_id: SERIES_ID,
    timeframe_seconds: count("Length of a candle in seconds."),
    store_head_time: nullable(unixSeconds("Newest stored candle; null without any.")),
    factor_head_time: nullable(unixSeconds("Candle that the factor ledger has come to; null for none.")),
    overlay_head_time: nullable(unixSeconds("Candle that the drawing has come to; null for none.")),
    factor_delay_seconds: factor.seconds,
    factor_delay_candles: factor.candles,
    overlay_delay_seconds: overlay.seconds,
    overlay_delay_candles: overlay.candles,
    max_delay_seconds: max.seconds,
    max_delay_candles: max.candles,
    status: HealthColour,
    status_reason: oneOf([
      "no_store_head",
      "missing_factor_overlay_head",
      "missing_factor_head",
      "missing_overlay_head",
      "up_to_date",
      "lagging_one_candle",
      "lagging_many_candles",
    ]),
  },
);
