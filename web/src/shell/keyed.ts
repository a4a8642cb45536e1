/** Lists whose elements stay while they are right: focus, selection and what is unfolded stay where they are. */

export interface Keyed<Item> {
  readonly keyOf: (item: Item) => string;
  readonly make: (item: Item) => HTMLElement;
  readonly update: (made: HTMLElement, item: Item) => void;
}

const KEYS = new WeakMap<Element, string>();

/** Has the parent hold one element per item, in their order. Elements of items that were there before are updated and stay. */
export function showItems<Item>(parent: Element, items: readonly Item[], { keyOf, make, update }: Keyed<Item>): void {
  const there = new Map<string, HTMLElement>();
  for (const child of parent.children) {
    const key = KEYS.get(child);
    if (key !== undefined) there.set(key, child as HTMLElement);
  }
  let before = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const made = there.get(key) ?? make(item);
    there.delete(key);
    KEYS.set(made, key);
    update(made, item);
    if (made === before) before = before.nextElementSibling;
    else parent.insertBefore(made, before);
  }
  for (const gone of there.values()) gone.remove();
}
