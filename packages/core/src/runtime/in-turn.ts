/** Runs a task after all earlier tasks have settled. Resolves or rejects as the task does. */
export type InTurn = <Result>(task: () => Promise<Result>) => Promise<Result>

/** Creates a queue: tasks run one after another, in the order of the calls. */
export function createInTurn(): InTurn {
  let tail: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = tail.then(task)
    tail = result.catch(() => {})
    return result
  }
}
