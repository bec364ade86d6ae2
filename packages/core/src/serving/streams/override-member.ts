/** Overrides a member of an object with a non-enumerable one; the returned function undoes this. */
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
