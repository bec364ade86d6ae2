import { stickyStrategy } from '@model-canary/core'
import { startedCanary } from '../harness/canary.mjs'
import { heldBytes } from '../harness/heap.mjs'
import { keyAt } from '../harness/keys.mjs'
import { figureRow } from '../harness/row.mjs'

const MIB = 2 ** 20

/** Sends ten million requests through `wrap`, and measures the memory of the process. */
export async function longRun({ isQuick }) {
  const canary = await startedCanary(stickyStrategy({ salt: 'bench' }))
  const model = async (key) => (key.charCodeAt(key.length - 1) % 2 === 0 ? 'even' : 'odd')
  const predict = canary.wrap(
    { baseline: model, canary: model },
    { key: (key) => key, predictionOf: (parity) => parity },
  )
  const marks = isQuick ? [1e5, 3e5, 1e6] : [1e5, 1e6, 1e7]
  const held = []
  let sent = 0
  for (const mark of marks) {
    for (; sent < mark; sent++) await predict(keyAt(sent))
    held.push(heldBytes() / MIB)
  }
  const { v1, v2 } = canary.metrics()
  if (v1.requestCount + v2.requestCount !== sent) throw new Error('not every request was counted')
  await canary.close()
  return [
    figureRow({
      what: `heap after ${marks[2].toExponential().replace('+', '')} requests, above that after 1e5`,
      value: held[2] - held[0],
      most: 0.5,
      unit: 'MiB',
      note: marks.map((mark, at) => `${mark.toExponential().replace('+', '')}: ${held[at].toFixed(2)} MiB`).join(', '),
    }),
  ]
}
