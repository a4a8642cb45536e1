/** Parts of the daemon that fail as long as a test says so. */
import type { RuntimeParts } from "../../src/assembly.js";
import { LedgerHooks } from "../support/ledger-hooks.js";

export type Parts = NonNullable<RuntimeParts["parts"]>;

/** Whether the part fails now, and with which message. */
export interface Fault {
  message: string | undefined;
}

function failIfTold({ message }: Fault): void {
  if (message !== undefined) throw new Error(message);
}

export function failingFactor(fault: Fault): Parts {
  const hooks = new LedgerHooks();
  hooks.beforeStep = () => failIfTold(fault);
  const engine = hooks.factorEngine();
  return { factor: { engine, enabled: true, rebuildOnNewFingerprint: true, rebuildKeepCandles: 2_000 } };
}

export function failingOverlay(fault: Fault): Parts {
  const hooks = new LedgerHooks();
  hooks.beforeRender = () => failIfTold(fault);
  return { overlay: { engine: hooks.overlayEngine(), enabled: true } };
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
