import { parseArgs } from 'node:util'
import { PACES, type Pace } from './pace.js'

/** What the program was asked to do. */
export interface Arguments {
  readonly port: number
  /** The number of worker processes. */
  readonly workers: number
  /** The folder that keeps the rollout. */
  readonly folder: string
  /** The URL of a Redis that keeps the rollout instead. */
  readonly redis: string | undefined
  readonly pace: Pace
  /** Requests a second that the program sends to itself. */
  readonly rate: number
}

/** The help text. */
export const USAGE = `usage: node dist/main.js [options]
  --port NUMBER     the port of the service; default 3003; 0 takes any free port
  --workers NUMBER  the number of worker processes; default 4
  --folder PATH     the folder that keeps the rollout; default .canary
  --redis URL       keeps the rollout in this Redis instead, such as redis://127.0.0.1:6379
  --pace NAME       careful, which is the default, or fast: half a minute from 20 to 100 percent
  --rate NUMBER     requests a second that the program sends to itself; default 0`

/** Reads the arguments of the program; throws an error with a sentence for the person who started it. */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '3003' },
      workers: { type: 'string', default: '4' },
      folder: { type: 'string', default: '.canary' },
      redis: { type: 'string' },
      pace: { type: 'string', default: 'careful' },
      rate: { type: 'string', default: '0' },
    },
  })
  const { folder, redis } = values
  const pace = PACES.get(values.pace)
  if (pace === undefined) throw new Error(`--pace is ${[...PACES.keys()].join(' or ')}, not ${values.pace}`)
  return {
    port: wholeNumber('--port', values.port, 0, 65_535),
    workers: wholeNumber('--workers', values.workers, 1, 64),
    rate: wholeNumber('--rate', values.rate, 0, 1_000),
    ...{ folder, redis, pace },
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= most) return number
  throw new Error(`${name} is a whole number from ${least} to ${most}, not ${text}`)
}
