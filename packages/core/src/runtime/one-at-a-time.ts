/** The same task, never twice at once: whoever asks while it is under way joins it. */
export function oneAtATime<Result>(task: () => Promise<Result>): () => Promise<Result> {
  let underWay: Promise<Result> | undefined
  return () => {
    underWay ??= task().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
