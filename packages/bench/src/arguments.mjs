import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

const USAGE = 'usage: npm run bench -- [--quick] [--only <suite>]… [--out <file>]'

/**
 * Returns the parsed command line, or ends the process with the usage.
 *
 * @param {string[]} args
 * @param {readonly string[]} names of all suites
 */
export function readArguments(args, names) {
  try {
    const { values } = parseArgs({
      args: args.filter((argument) => argument !== '--'),
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        out: { type: 'string' },
      },
    })
    const unknown = values.only.filter((name) => !names.includes(name))
    if (unknown.length > 0) throw new Error(`no suite "${unknown[0]}"; there are ${names.join(', ')}`)
    return {
      extent: values.quick ? 'quick' : 'full',
      only: values.only.length > 0 ? values.only : names,
      out: values.out && resolve(process.env.INIT_CWD ?? '.', values.out),
    }
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`)
    process.exit(2)
  }
}
