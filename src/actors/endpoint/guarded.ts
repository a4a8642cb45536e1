/** Handlers that are called by sockets and timers. */

/** A throw in a handler must not end the process, nor be passed over: it is handed to `onFault`. */
export function guarded<A extends unknown[]>(
  onFault: (error: unknown) => void,
  handler: (...args: A) => void,
): (...args: A) => void {
  return (...args) => {
    try {
      handler(...args);
    } catch (error) {
      onFault(error);
    }
  };
}
