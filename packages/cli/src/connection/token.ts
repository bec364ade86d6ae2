import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'
import { readBounded } from '../read-bounded.js'
import type { World } from '../world.js'

/** Where a token may come from. */
export interface TokenOptions {
  /** A file that holds it. */
  readonly tokenFile?: string
  /** The token itself, which `ps` shows to everybody on the machine. */
  readonly token?: string
}

/** The environment variable that a token is read from. */
export const TOKEN_VARIABLE = 'MODEL_CANARY_TOKEN'

const LONGEST_FILE = 65_536

/**
 * Returns the token that a request is sent with: that of the file, of the command line or of the environment;
 * `undefined` if there is none.
 */
export function tokenOf({ tokenFile, token }: TokenOptions, { env, stderr }: World): string | undefined {
  if (tokenFile !== undefined && token !== undefined)
    throw failure(EXIT.usage, 'TWO_TOKENS', 'give --token-file or --token, not both')
  if (token !== undefined) {
    stderr.write(`warning: --token shows the token in the list of processes; use --token-file or ${TOKEN_VARIABLE}\n`)
    return checked('--token', token)
  }
  if (tokenFile !== undefined) return checked(`--token-file ${tokenFile}`, readBounded(tokenFile, LONGEST_FILE))
  const given = env[TOKEN_VARIABLE]
  return given === undefined || given === '' ? undefined : checked(TOKEN_VARIABLE, given)
}

/** A header has printable characters only, and the message does not repeat the token. */
function checked(source: string, text: string): string {
  const token = text.trim()
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw failure(EXIT.usage, 'BAD_TOKEN', `${source} must hold one token: printable characters without a space`)
}
