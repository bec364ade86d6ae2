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

/** Returns a function that runs the task, and once more if it was called while the task was in progress. Never throws. */
export function againIfAsked(task: () => Promise<void>): () => void {
  let isRunning = false
  let isAsked = false
  const run = async (): Promise<void> => {
    isRunning = true
    while (isAsked) {
      isAsked = false
      await task().catch(() => {})
    }
    isRunning = false
  }
  return () => {
    isAsked = true
    if (!isRunning) void run()
  }
}
