import { setImmediate as nextTurn } from 'node:timers/promises'
import { keyAt } from '../harness/keys.mjs'

/**
 * What goes on beside the requests of a situation.
 *
 * @typedef {object} Beside
 * @property {() => Promise<void>} second must be called once in each second of virtual time
 * @property {() => Promise<void>} end
 */

/**
 * Opens streams that are read, and send a chunk in each second until they are ended.
 *
 * @param {import('@model-canary/core').Canary} canary
 * @param {number} count
 * @returns {Promise<Beside>}
 */
export async function openStreams(canary, count) {
  let isOver = false
  let chunks = 0
  let next = signal()
  async function* model() {
    while (!isOver) {
      yield 'chunk'
      await next.given
    }
  }
  const predict = canary.wrap({ baseline: model, canary: model }, { key: (key) => key })
  const read = async (request) => {
    for await (const _chunk of await predict(keyAt(request))) chunks += 1
  }
  const readers = Array.from({ length: count }, (_, request) => read(request))
  const second = async () => {
    const before = chunks
    const { give } = next
    next = signal()
    give()
    await nextTurn()
    if (!isOver && chunks !== before + count) throw new Error(`${chunks - before} of ${count} streams sent a chunk`)
  }
  await nextTurn()
  return {
    second,
    async end() {
      isOver = true
      await second()
      await Promise.all(readers)
    },
  }
}

function signal() {
  let give
  const given = new Promise((resolve) => {
    give = resolve
  })
  return { given, give }
}
