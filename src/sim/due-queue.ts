/** Things that wait for a moment, in order of their due time; ties come in the order in which they were added. A binary heap. */

/** Something that waits; only good for the queue that it came from. */
export interface Due<T> {
  readonly dueMs: number;
  readonly item: T;
}

interface Entry<T> extends Due<T> {
  readonly sequence: number;
  /** Place in the heap; -1 once it is out of it. */
  index: number;
}

export class DueQueue<T> {
  readonly #heap: Entry<T>[] = [];
  #sequence = 0;

  /** Number of things that wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** The one that is due first; undefined when nothing waits. */
  get first(): Due<T> | undefined {
    return this.#heap[0];
  }

  add(dueMs: number, item: T): Due<T> {
    this.#sequence += 1;
    const entry: Entry<T> = { dueMs, item, sequence: this.#sequence, index: this.#heap.length };
    this.#heap.push(entry);
    this.#up(entry);
    return entry;
  }

  /** Takes something out; nothing happens when it is out already. */
  remove(due: Due<T>): void {
    const entry = due as Entry<T>;
    if (entry.index < 0) return;
    const hole = entry.index;
    entry.index = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#place(last, hole);
    this.#down(last);
    this.#up(last);
  }

  clear(): void {
    for (const entry of this.#heap) entry.index = -1;
    this.#heap.length = 0;
  }

  #up(entry: Entry<T>): void {
    while (entry.index > 0) {
      const parentIndex = (entry.index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === undefined || !isBefore(entry, parent)) return;
      this.#place(parent, entry.index);
      this.#place(entry, parentIndex);
    }
  }

  #down(entry: Entry<T>): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      const right = this.#heap[2 * entry.index + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, entry)) return;
      const childIndex = child.index;
      this.#place(child, entry.index);
      this.#place(entry, childIndex);
    }
  }

  #place(entry: Entry<T>, index: number): void {
    this.#heap[index] = entry;
    entry.index = index;
  }
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.sequence < b.sequence);
}
