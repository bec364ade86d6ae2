import { ok } from 'node:assert/strict'
import { seededRandom } from '../seeded-random.js'
import type { ClientRequest } from './client.js'
import { HEALTH, type Play, predicting } from './play.js'
import type { App } from './stage.js'

/** The number of requests; `MODEL_CANARY_FUZZ_CASES=10000` sets a larger one. */
const CASES = Math.min(Number(process.env.MODEL_CANARY_FUZZ_CASES ?? 30), 10_000)
const SEED = Number(process.env.MODEL_CANARY_FUZZ_SEED ?? 1)

/** A part of Node's limit of 16 KiB for the head of a request. */
const LONGEST = 15_000

/** The pieces of long texts, which make some regular expressions slow. */
const PIECES = [
  '/',
  '//x',
  '%2f',
  '%',
  '.',
  '../',
  'a',
  '0',
  ';',
  ',',
  '=',
  '&',
  'a=',
  '[',
  '"',
  '+',
  '-',
  '~',
  'status',
  'é',
]

const VERBS = ['pause', 'promote', 'rollback', 'disable', 'retry']
const NAMES = ['accept', 'content-type', 'origin', 'sec-fetch-site', 'x-user-id', 'x-forwarded-host', 'cookie']

/**
 * A request costs at most so many milliseconds more than so many times a plain one: the square of its length costs
 * hundreds.
 */
const ROOM_MS = 50
const TIMES = 10

/** `canaryRoutes` with very long requests. */
export const hostileRules = (play: Play) => ({
  'answers hostile paths, queries and headers in time that grows with their length, and changes nothing': play(
    async (stage) => {
      const canary = await stage.canary()
      const operated = [{ path: '/canary', canary, options: { authorize: () => false } }]
      const app = await stage.open({ canaries: [{ canary }], routes: [HEALTH, predicting()], operated })
      const { state } = canary.status()
      const plainMs = await fastest(app, '/canary/status', {}, 5)
      const random = seededRandom(SEED)
      let through = 0
      for (let number = 0; number < LONG_PATHS.length + CASES; number++) {
        const [path, request] = LONG_PATHS[number] ?? hostileRequest(random)
        let ms = await fastest(app, path, request, 1)
        if (ms > ROOM_MS + TIMES * plainMs) ms = await fastest(app, path, request, 3) // the machine may have been busy
        if (ms <= ROOM_MS + TIMES * plainMs) continue
        through += 1
        ok(false, `case ${number} of seed ${SEED} took ${ms} ms: ${request.method} ${path.slice(0, 60)}…`)
      }
      if (process.env.MODEL_CANARY_FUZZ_CASES) {
        process.stdout.write(`hostile requests: ${LONG_PATHS.length + CASES} tried, ${through} got through\n`)
      }
      ok(canary.status().state === state, 'the rollout was changed')
      ok((await app.send('/health')).status === 200, 'the app serves no more')
    },
  ),
})

const inPath = (text: string): string => encodeURI(text).slice(0, LONGEST)

/** What comes first, whatever the seed: each piece as long as can be, in the middle of a path and of a query. */
const LONG_PATHS = PIECES.flatMap((piece): [path: string, request: ClientRequest][] => {
  const long = inPath(piece.repeat(LONGEST / piece.length)).slice(0, LONGEST - 20)
  return [
    [`/canary/x${long}x`, { method: 'GET' }],
    [`/canary/metrics?x${long}x`, { method: 'GET' }],
  ]
})

function hostileRequest(random: () => number): [path: string, request: ClientRequest] {
  const oneOf = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
  const long = () => {
    const piece = oneOf(PIECES)
    const text = piece.repeat(Math.floor((LONGEST * random()) / piece.length) + 1)
    return random() < 0.5 ? `x${text}x` : text
  }
  const method = oneOf(['GET', 'HEAD', 'POST', 'PUT'])
  const target = oneOf(['status', 'metrics', 'metrics.prom', ...VERBS])
  return oneOf<() => [string, ClientRequest]>([
    () => [`/canary/${inPath(long())}`, { method }],
    () => [`/canary/${inPath(long())}${target}//`, { method }],
    () => [`/canary/${target}?${inPath(long())}`, { method }],
    () => [`/canary/metrics?lastMs=${inPath(long())}&window=x`, { method: 'GET' }],
    () => [`/canary/${target}`, { method, headers: { [oneOf(NAMES)]: Buffer.from(long()).toString('latin1') } }],
    () => [`/canary/${oneOf(VERBS)}`, { method: 'POST', body: `{"reason":"${long()}`, headers: JSON_TYPE }],
  ])()
}

const JSON_TYPE = { 'content-type': 'application/json' }

/**
 * The shortest time of some tries, in milliseconds. An answer of any kind will do, and so will a refused connection.
 */
async function fastest(app: App, path: string, request: ClientRequest, tries: number): Promise<number> {
  let shortestMs = Number.POSITIVE_INFINITY
  for (let number = 0; number < tries; number++) {
    const startedAt = performance.now()
    await app.send(path, request).catch(() => {})
    shortestMs = Math.min(shortestMs, performance.now() - startedAt)
  }
  return shortestMs
}
