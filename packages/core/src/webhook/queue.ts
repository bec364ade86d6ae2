/** What waits to be sent, in order, and never more than so much of it. */
export interface Queue<Item> {
  /** Adds to the end; the answer is what had to go for it, which may be the item itself. */
  push(item: Item): Item | undefined
  /** Takes the oldest out. */
  take(): Item | undefined
  /** Takes everything out. */
  clear(): readonly Item[]
  readonly size: number
}

/**
 * Makes a queue that is full at `size`. Then the oldest goes that may be missed, be it the new one;
 * where none may be missed, the oldest.
 */
export function createQueue<Item>(size: number, mayBeMissed: (item: Item) => boolean): Queue<Item> {
  const items: Item[] = []
  return {
    push(item) {
      items.push(item)
      if (items.length <= size) return undefined
      const [gone] = items.splice(Math.max(0, items.findIndex(mayBeMissed)), 1)
      return gone
    },
    take: () => items.shift(),
    clear: () => items.splice(0),
    get size() {
      return items.length
    },
  }
}
