/** Runs a task once those before it have settled. Resolves or rejects as the task does. */
export type InTurn = <Result>(task: () => Promise<Result>) => Promise<Result>

/** Makes a queue: tasks run one after another, in the order in which they came. */
export function createInTurn(): InTurn {
  let tail: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = tail.then(task)
    tail = result.catch(() => {})
    return result
  }
}
