/** A bounded first-in, first-out queue. */
export interface Queue<Item> {
  /** Appends an item. Returns the item that was dropped to make room, possibly the new one. */
  push(item: Item): Item | undefined
  /** Removes and returns the oldest item. */
  take(): Item | undefined
  /** Removes and returns all items. */
  clear(): readonly Item[]
  readonly size: number
}

/**
 * Creates a queue of at most `size` items. A full queue drops the oldest item for which `mayBeMissed` returns true,
 * possibly the new one; if there is no such item, it drops the oldest.
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
