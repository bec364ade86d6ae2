import { parseArgs } from 'node:util'
import { SCENARIO_NAMES, type ScenarioName } from './models/scenarios.js'
import { PACE_NAMES, type PaceName, paces } from './pace.js'

/** The options of the demo, with every field present. */
export interface DemoOptions {
  readonly scenario: ScenarioName
  readonly pace: PaceName
  /** 0 takes any free port. */
  readonly port: number
  /** Requests a second. */
  readonly rate: number
  /** Ends the process when the rollout ends. */
  readonly exit: boolean
}

/** Options, a request for help, or an error message. */
export type ParsedArguments = DemoOptions | { readonly help: true } | { readonly problem: string }

/** The text of `--help`. */
export const USAGE = `npm start -- [options]

  --scenario NAME   ${SCENARIO_NAMES.join(', ')}
                    (default: good)
  --exit            end with the rollout, with code 0 if it went as it should
  --port NUMBER     where the service listens; 0 is any free one (default: 3000)
  --rate NUMBER     requests a second, 1 to 2000 (default: ${paces.normal.rate}; ${paces.fast.rate} if fast)
  --pace NAME       normal, about a minute, or fast, for tests (default: normal)
  --help            this text`

const OPTIONS = {
  scenario: { type: 'string' },
  exit: { type: 'boolean' },
  port: { type: 'string' },
  rate: { type: 'string' },
  pace: { type: 'string' },
  help: { type: 'boolean' },
} as const

/** Reads the command line. Unknown arguments are errors with a message. */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const { values, positionals, tokens } = parseArgs({ args: [...argv], options: OPTIONS, strict: false, tokens: true })
  const unknown = tokens.find((token) => token.kind === 'option' && !Object.hasOwn(OPTIONS, token.name))
  if (unknown?.kind === 'option') return { problem: `There is no option ${unknown.rawName}.` }
  if (positionals.length > 0) return { problem: `"${positionals[0]}" is not an option; options begin with --.` }
  if (values.help !== undefined) return { help: true }
  if (typeof values.exit === 'string') return { problem: '--exit takes no value.' }

  const scenario = oneOf('scenario', values.scenario ?? 'good', SCENARIO_NAMES)
  const pace = oneOf('pace', values.pace ?? 'normal', PACE_NAMES)
  if (typeof scenario === 'object') return scenario
  if (typeof pace === 'object') return pace
  const port = wholeNumber('port', values.port ?? '3000', 0, 65_535)
  const rate = wholeNumber('rate', values.rate ?? String(paces[pace].rate), 1, 2_000)
  if (typeof port === 'object') return port
  if (typeof rate === 'object') return rate
  return { scenario, pace, port, rate, exit: values.exit === true }
}

interface Problem {
  readonly problem: string
}

function oneOf<Word extends string>(name: string, value: string | boolean, words: readonly Word[]): Word | Problem {
  const word = words.find((each) => each === value)
  return word ?? { problem: `--${name} must be one of ${words.join(', ')}${given(value)}.` }
}

function wholeNumber(name: string, value: string | boolean, low: number, high: number): number | Problem {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (number >= low && number <= high) return number
  return { problem: `--${name} must be a whole number from ${low} to ${high}${given(value)}.` }
}

const given = (value: string | boolean): string => (typeof value === 'string' ? `, not "${value}"` : '')
