/** The rejections that nobody handled while a task ran and the event loop turned. */
export async function unhandledIn(task: () => unknown): Promise<unknown[]> {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', note)
  try {
    await task()
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  } finally {
    process.off('unhandledRejection', note)
  }
  return unhandled
}
