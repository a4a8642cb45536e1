/** Keys of the page. What has the focus, and a dialog that is open, goes first. */

/** By `KeyboardEvent.key`. */
export type KeyBindings = Readonly<Record<string, () => void>>;

export function listenToKeys(bindings: KeyBindings): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") !== null || isTyping(event.target)) return;
    const does = bindings[event.key];
    if (does === undefined) return;
    event.preventDefault();
    does();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  );
}
