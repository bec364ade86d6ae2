import { createRouter, stickyStrategy } from '@model-canary/core'
import { startedCanary } from '../harness/canary.mjs'
import { activeKeyAt, checkDecides, newKeyAt } from '../harness/keys.mjs'
import { compare } from '../harness/paired.mjs'
import { ratioRow } from '../harness/row.mjs'
import { growthbook } from '../peers/growthbook.mjs'
import { launchDarklyClient } from '../peers/launchdarkly.mjs'
import { openFeatureClient } from '../peers/openfeature.mjs'
import { unleashClient } from '../peers/unleash.mjs'

/** Measures one decision: at random against a bare comparison, by key against the peers' decisions. */
export async function routing({ rounds }) {
  return [...(await byChance(rounds)), ...(await byKey(rounds))]
}

async function byChance(rounds) {
  const canary = await startedCanary()
  const comparison = await compare({ assign: chances(canary), chance, nothing }, { rounds })
  await canary.close()
  return [
    ratioRow(comparison, {
      what: 'assign, by chance / Math.random() * 100 < 10',
      candidate: 'assign',
      reference: 'chance',
      most: 3,
    }),
    ratioRow(comparison, { what: 'an empty loop / the same', candidate: 'nothing', reference: 'chance' }),
  ]
}

async function byKey(rounds) {
  const canary = await startedCanary(stickyStrategy({ salt: 'bench' }))
  const idle = createRouter({
    versions: { baseline: 'v1', canary: 'v2' },
    strategy: await stickyStrategy({ salt: 'bench' }),
  })
  const peers = {
    GrowthBook: growthbook(),
    Unleash: await unleashClient(),
    LaunchDarkly: await launchDarklyClient(),
    OpenFeature: await openFeatureClient(),
  }
  const aims = { GrowthBook: 0.45, Unleash: 0.35, LaunchDarkly: 0.15, OpenFeature: 1 }
  await checkDecides('model-canary', (key) => canary.assign({ key }).variant === 'canary')
  for (const [name, { isCanary }] of Object.entries(peers)) await checkDecides(name, isCanary)

  const ours = (key) => canary.assign({ key }).variant === 'canary'
  const comparison = await compare(
    {
      'known key': keyed(ours, activeKeyAt),
      'new key': keyed(ours),
      idle: keyed((key) => idle.assign({ key }).variant === 'canary'),
      GrowthBook: keyed(peers.GrowthBook.isCanary),
      Unleash: keyed(peers.Unleash.isCanary),
      LaunchDarkly: keyedAsync(peers.LaunchDarkly.isCanary),
      OpenFeature: keyedAsync(peers.OpenFeature.isCanary),
    },
    { rounds },
  )
  await Promise.all([canary, ...Object.values(peers)].map((each) => each.close()))
  const rowsOf = (candidate) =>
    Object.entries(aims).map(([reference, most]) =>
      ratioRow(comparison, { what: `assign, by a ${candidate} / ${reference}`, candidate, reference, most }),
    )
  return [
    ...rowsOf('known key'),
    ...rowsOf('new key'),
    ratioRow(comparison, {
      what: 'assign, by a new key, no rollout / in one',
      candidate: 'idle',
      reference: 'new key',
    }),
  ]
}

function chances(canary) {
  return (calls) => {
    let hits = 0
    for (let call = 0; call < calls; call++) if (canary.assign().variant === 'canary') hits++
    return hits
  }
}

function chance(calls) {
  let hits = 0
  for (let call = 0; call < calls; call++) if (Math.random() * 100 < 10) hits++
  return hits
}

function nothing(calls) {
  let hits = 0
  for (let call = 0; call < calls; call++) if ((call & 7) === 0) hits++
  return hits
}

function keyed(isCanary, keyOf = newKeyAt) {
  return (calls) => {
    let hits = 0
    for (let call = 0; call < calls; call++) if (isCanary(keyOf(call))) hits++
    return hits
  }
}

/** These peers return a promise, which their callers have to await. */
function keyedAsync(isCanary, keyOf = newKeyAt) {
  return async (calls) => {
    let hits = 0
    for (let call = 0; call < calls; call++) if (await isCanary(keyOf(call))) hits++
    return hits
  }
}
