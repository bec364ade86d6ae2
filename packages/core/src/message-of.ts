/** What a thrown value says, short enough for an event. Never throws, whatever was thrown. */
export function messageOf(cause: unknown): string {
  try {
    return String(cause instanceof Error ? cause.message : cause).slice(0, 300)
  } catch {
    return 'something that cannot be shown'
  }
}
