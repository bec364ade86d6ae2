/** Returns a function that runs the task, or returns the pending promise if the task is already in progress. */
export function oneAtATime<Result>(task: () => Promise<Result>): () => Promise<Result> {
  let underWay: Promise<Result> | undefined
  return () => {
    underWay ??= task().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
