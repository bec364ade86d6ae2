/** Throws an error. For callbacks, where a `throw` is not an expression. */
export const raise = (error: unknown): never => {
  throw error
}
