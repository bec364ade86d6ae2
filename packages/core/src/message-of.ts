/** What a thrown value says, short enough for an event. */
export function messageOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 300)
}
