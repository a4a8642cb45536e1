/** Parts of the daemon that fail as long as a test says so. */
import type { AppOptions } from "../../src/app.js";
import { createFactorEngine } from "../../src/factors/engine.js";
import { createOverlayEngine } from "../../src/overlays/engine.js";

export type Parts = NonNullable<AppOptions["parts"]>;

/** Whether the part fails now, and with which message. */
export interface Fault {
  message: string | undefined;
}

function failIfTold({ message }: Fault): void {
  if (message !== undefined) throw new Error(message);
}

export function failingFactor(fault: Fault): Parts {
  const engine = createFactorEngine("");
  return {
    factor: {
      engine: {
        ...engine,
        step: (state, candle) => {
          failIfTold(fault);
          return engine.step(state, candle);
        },
      },
      enabled: true,
      rebuildOnNewFingerprint: true,
      rebuildKeepCandles: 2_000,
    },
  };
}

export function failingOverlay(fault: Fault): Parts {
  const engine = createOverlayEngine();
  return {
    overlay: {
      engine: {
        ...engine,
        render: (previous, factor) => {
          failIfTold(fault);
          return engine.render(previous, factor);
        },
      },
      enabled: true,
    },
  };
}

export function failingPublication(fault: Fault): Parts {
  return {
    sinkFor: (topic) => ({
      publish: (content) => {
        failIfTold(fault);
        return topic.publish(content);
      },
    }),
  };
}
