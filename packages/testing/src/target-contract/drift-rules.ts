import { equal, ok } from 'node:assert/strict'
import type { Drift, Target } from '@model-canary/core/controller'
import type { PlayTarget } from './stage.js'

/** How a target handles a share that another writer has set. */
export function driftRules(play: PlayTarget) {
  return {
    'takes less canary over a share that somebody else has set': play(async ({ open, bring, isInForce, setWeight }) => {
      const target = await open()
      await bring(target, 50)
      await setWeight(80)
      await bring(target, 10)
      await isInForce(10)
      await setWeight(30)
      await bring(target, 0)
      await isInForce(0)
    }),
    'rejects more canary over a share that somebody else has set': play(
      async ({ open, bring, refuses, isInForce, setWeight }) => {
        const target = await open()
        await bring(target, 10)
        await setWeight(30)
        await refuses(target, 50)
        await isInForce(30, 'more canary is not written over a share that somebody else has set')
      },
    ),
    'tells a share that somebody else has set, and when its own is in force again': play(
      async ({ open, bring, until, setWeight }) => {
        const target = await open()
        const { told } = watching(target)
        await bring(target, 10)
        await setWeight(30)
        await until('the drift is told', () => told.at(-1) != null)
        const { weight, message } = told.at(-1)!
        ok(weight === 30 || weight === null, `the drift says ${weight} %, and 30 % is in force`)
        ok(typeof message === 'string' && message !== '', 'a drift needs a sentence for a person')
        await setWeight(10)
        await until('null is told, since 10 % is in force again', () => told.at(-1) === null)
      },
    ),
    'tells a share that is put back after the end': play(async ({ open, bring, until, isInForce, setWeight }) => {
      const target = await open()
      const { told } = watching(target)
      await bring(target, 10)
      await bring(target, 0)
      await setWeight(30)
      await until('the drift is told', () => told.at(-1) != null)
      await bring(target, 0)
      await isInForce(0)
    }),
    'tells no drift where only its own splits changed the share': play(async ({ open, bring, until, setWeight }) => {
      const target = await open()
      const { told } = watching(target)
      for (const weight of [10, 50, 10]) await bring(target, weight)
      equal(told.find((one) => one !== null)?.message, undefined, 'drift was told, and nobody else wrote')
      await setWeight(30)
      await until('the drift is told', () => told.some((one) => one !== null))
      const first = told.find((one) => one !== null)!
      ok(first.weight === 30 || first.weight === null, `${first.weight} % was told as drift, and nobody else set that`)
    }),
    'tells nothing after a watch has ended': play(async ({ open, bring, until, setWeight }) => {
      const target = await open()
      const [ended, other] = [watching(target), watching(target)]
      await bring(target, 10)
      ended.end()
      const before = ended.told.length
      await setWeight(30)
      await until('the other watch tells the drift', () => other.told.at(-1) != null)
      equal(ended.told.length, before, 'a watch that had ended told something')
    }),
  }
}

/** Watches a target, and keeps its reports. */
function watching(target: Target): { readonly told: readonly (Drift | null)[]; end(): void } {
  if (target.watch === undefined) throw new Error('the target has no watch(); add one, or skip this rule and say why')
  const told: (Drift | null)[] = []
  return { told, end: target.watch((drift) => void told.push(drift)) }
}
