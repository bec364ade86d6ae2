import { ok } from 'node:assert/strict'
import type { PlayTarget } from './stage.js'

/** The default precision of a target, in percent. */
const DEFAULT_PRECISION = 0.01

/** Which splits a target takes, and when `apply` resolves. */
export function applyRules(play: PlayTarget) {
  return {
    'has a share in force once apply() resolves': play(async ({ open, bring, isInForce }) => {
      const target = await open()
      for (const weight of [10, 50, 100, 50, 0]) {
        await bring(target, weight)
        await isInForce(weight)
      }
    }),
    'takes the same split again, in any process': play(async ({ open, within, splits, isInForce }) => {
      const [target, other] = [await open(), await open()]
      const split = splits.next(10)
      const unhurried = () => new AbortController().signal
      await within('apply()', target.apply(split, unhurried()))
      const again = { ...split, lastKnown: 10 }
      for (const one of [target, other]) await within('apply() once more', one.apply(again, unhurried()))
      await isInForce(10)
    }),
    'goes on where the process before it stopped': play(async ({ open, bring, isInForce }) => {
      await bring(await open(), 10)
      const next = await open()
      await bring(next, 50)
      await isInForce(50)
      await bring(next, 0)
      await isInForce(0)
    }),
    'applies shares as fine as its precision': play(async ({ open, bring, isInForce }) => {
      const target = await open()
      const { precision = DEFAULT_PRECISION } = target
      ok(precision > 0 && precision <= 100, `the precision is ${precision}, and must be above 0 and at most 100`)
      for (const weight of [precision, Math.min(2 * precision, 100), 100]) {
        await bring(target, weight)
        await isInForce(weight, `the target says that it is as precise as ${precision} %`)
      }
    }),
    'rejects a split of an older epoch, whatever its weight': play(async ({ open, bring, refuses, isInForce }) => {
      const [late, present] = [await open(), await open()]
      await bring(late, 10, { epoch: 1 })
      await bring(present, 50, { epoch: 2 })
      for (const weight of [80, 20, 0]) {
        await refuses(late, weight, { epoch: 1 })
        await isInForce(50, `epoch 1 came after epoch 2, with ${weight} %`)
      }
      await bring(present, 60, { epoch: 2 })
      await isInForce(60)
    }),
    'takes a split of a later epoch over any other': play(async ({ open, bring, isInForce }) => {
      const target = await open()
      await bring(target, 50, { epoch: 1 })
      await bring(target, 0, { epoch: 1 })
      await bring(target, 10, { epoch: 2 })
      await isInForce(10)
    }),
    'rejects more canary of an earlier leader, and takes less': play(async ({ open, bring, refuses, isInForce }) => {
      const [former, present] = [await open(), await open()]
      await bring(former, 10, { fence: 1 })
      await bring(present, 20, { fence: 2 })
      await refuses(former, 50, { fence: 1 })
      await isInForce(20, 'fence 1 came after fence 2, with 50 %')
      await bring(former, 5, { fence: 1 })
      await isInForce(5)
      await refuses(former, 50, { fence: 1 })
      await bring(present, 50, { fence: 2 })
      await isInForce(50)
    }),
    'applies nothing once its signal is aborted': play(async ({ open, bring, refuses, isInForce }) => {
      const target = await open()
      await bring(target, 10)
      await refuses(target, 50, { signal: AbortSignal.abort() })
      await isInForce(10, 'the signal was aborted before apply() was called')
    }),
    'rejects when its signal is aborted under way': play(async ({ place, open, within, splits, bring }) => {
      const target = await open()
      await bring(target, 10)
      if (place.hang === undefined) throw new Error('pass "hang", or skip this rule and say why')
      await place.hang()
      const leaving = new AbortController()
      const applied = splits.bring(target, 50, { signal: leaving.signal }).then(
        () => true,
        () => false,
      )
      setImmediate(() => leaving.abort())
      ok(!(await within('apply() ends when its signal is aborted', applied)), 'apply() must be rejected')
    }),
  }
}
