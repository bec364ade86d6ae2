/** Puts a member over an object's own or inherited one, out of sight; the returned function takes it away again. */
export function override(target: object, name: PropertyKey, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
  })
  return () => {
    if (own !== undefined) Object.defineProperty(target, name, own)
    else Reflect.deleteProperty(target, name)
  }
}
