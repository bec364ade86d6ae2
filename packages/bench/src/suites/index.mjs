import { growth } from './growth.mjs'
import { http } from './http.mjs'
import { memory } from './memory.mjs'
import { recording } from './recording.mjs'
import { routing } from './routing.mjs'
import { scraping } from './scraping.mjs'
import { wrapping } from './wrapping.mjs'

/**
 * Every suite by its name, in the order in which they run; each is given a process of its own.
 *
 * @type {Record<string, (settings: { isQuick: boolean, rounds: number }) => Promise<import('../harness/row.mjs').Row[]>>}
 */
export const SUITES = {
  routing,
  recording,
  memory,
  wrapping,
  scraping,
  fastify: (settings) => http('fastify', settings),
  express: (settings) => http('express', settings),
  koa: (settings) => http('koa', settings),
  growth,
}
