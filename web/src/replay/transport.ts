/** The controls of a replay that is open: steps, play and pause, speed, and the slider. */
import { make, setText } from "../shell/dom.js";
import { dayAndMinute } from "../words.js";
import { type Playback, SPEEDS } from "./playback.js";

export interface TransportActs {
  readonly toggle: () => void;
  readonly step: (candles: number) => void;
  readonly seek: (index: number) => void;
  readonly setSpeed: (speed: number) => void;
  readonly leave: () => void;
}

export interface Transport {
  readonly root: HTMLElement;
  /** @param time of the candle at which it stands, Unix seconds. */
  show(playback: Playback, time: number | undefined): void;
  focus(): void;
}

const ICONS = {
  back: "M4.5 4v8M11.5 4 6.5 8l5 4Z",
  play: "M5 3v10l8-5Z",
  pause: "M5 3.5v9M11 3.5v9",
  forward: "M11.5 4v8M4.5 4l5 4-5 4Z",
} as const;

export function transport(acts: TransportActs): Transport {
  const back = button("Step back", "Step back (←)", ICONS.back, () => acts.step(-1));
  const play = button("Play", "Play or pause (space)", ICONS.play, acts.toggle);
  const forward = button("Step forward", "Step forward (→)", ICONS.forward, () => acts.step(1));
  const slider = make("input", { type: "range", class: "replay-slider", min: "0", step: "1", "aria-label": "Candle" });
  slider.addEventListener("input", () => acts.seek(slider.valueAsNumber));
  const time = make("output", { class: "replay-time" });
  const place = make("span", { class: "replay-place" });
  const options = SPEEDS.map((speed) => make("option", { value: String(speed), text: `${speed}/s` }));
  const speed = make("select", { class: "replay-speed", "aria-label": "Candles per second" }, options);
  speed.addEventListener("change", () => acts.setSpeed(Number(speed.value)));
  const leave = make("button", { type: "button", class: "replay-leave", text: "Back to live" });
  leave.addEventListener("click", acts.leave);
  const buttons = { class: "replay-buttons", role: "group", "aria-label": "Playback" };
  const root = make("div", { class: "replay-transport" }, [
    make("div", buttons, [back, play, forward]),
    make("div", { class: "replay-where" }, [time, place]),
    slider,
    speed,
    leave,
  ]);
  return {
    root,
    focus: () => play.focus(),
    show: (playback, timeS) => {
      const { index, total, playing } = playback;
      setIcon(play, playing ? ICONS.pause : ICONS.play);
      play.setAttribute("aria-label", playing ? "Pause" : "Play");
      back.disabled = index === 0;
      forward.disabled = index === total - 1;
      slider.max = String(total - 1);
      slider.value = String(index);
      slider.style.setProperty("--played", `${(100 * index) / Math.max(1, total - 1)}%`);
      const moment = timeS === undefined ? "" : `${dayAndMinute(timeS * 1_000)} UTC`;
      slider.setAttribute("aria-valuetext", `${moment}, candle ${index + 1} of ${total}`);
      setText(time, moment);
      setText(place, `${index + 1} of ${total}`);
      speed.value = String(playback.speed);
    },
  };
}

function button(label: string, title: string, icon: string, act: () => void): HTMLButtonElement {
  const made = make("button", { type: "button", class: "replay-button", "aria-label": label, title });
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  made.append(svg);
  setIcon(made, icon);
  made.addEventListener("click", act);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

function setIcon(made: HTMLElement, icon: string): void {
  made.querySelector("path")?.setAttribute("d", icon);
}
