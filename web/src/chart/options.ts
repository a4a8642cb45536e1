/** The options of lightweight-charts that depend on look and time zone. */
import {
  type ChartOptions,
  ColorType,
  CrosshairMode,
  type DeepPartial,
  LineStyle,
  type TickMarkType,
  type Time,
} from "lightweight-charts";
import type { TimeFormats } from "./axis-time.js";
import type { Palette } from "./palette.js";

/** @param offset seconds that the chart's times are ahead of real ones. */
export function chartOptions(palette: Palette, formats: TimeFormats, offset: () => number): DeepPartial<ChartOptions> {
  const real = (time: Time): number => Number(time) - offset();
  const { background, text, grid, border, crosshair, crosshairLabel } = palette;
  const line = { color: crosshair, labelBackgroundColor: crosshairLabel, style: LineStyle.Dashed, width: 1 } as const;
  return {
    layout: {
      background: { type: ColorType.Solid, color: background },
      textColor: text,
      fontFamily: "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
      fontSize: 11,
      // The mark brings a style sheet of its own, which the page's policy does not allow; the help names its makers.
      attributionLogo: false,
      panes: { separatorColor: border, separatorHoverColor: crosshair, enableResize: true },
    },
    grid: { vertLines: { color: grid }, horzLines: { color: grid } },
    crosshair: { mode: CrosshairMode.Normal, vertLine: line, horzLine: line },
    rightPriceScale: { borderColor: border, scaleMargins: { top: 0.12, bottom: 0.08 } },
    timeScale: {
      borderColor: border,
      timeVisible: true,
      secondsVisible: false,
      minBarSpacing: 0.3,
      tickMarkFormatter: (time: Time, kind: TickMarkType) => formats.tick(real(time), kind),
    },
    localization: { locale: "en-US", timeFormatter: (time: Time) => formats.full(real(time)) },
  };
}
