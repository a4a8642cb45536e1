/** Calling the handlers of whoever uses the client. */
import type { Platform } from "./platform.js";

/** Calls back; what it throws is thrown again in a turn of its own, where the platform shows it, and ends nothing here. */
export function tell<Values extends readonly unknown[]>(
  platform: Platform,
  handler: ((...values: Values) => void) | undefined,
  ...values: Values
): void {
  try {
    handler?.(...values);
  } catch (error) {
    platform.setTimeout(() => {
      throw error;
    }, 0);
  }
}
