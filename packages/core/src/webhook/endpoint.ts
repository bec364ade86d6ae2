import { CanaryError } from '../foundation/errors.js'
import { type Names, numberWithin, show, withMethods } from '../foundation/options.js'
import { type Clock, systemClock } from '../runtime/clock.js'
import { resolveHeaders } from './headers.js'
import { signingKey } from './signature.js'

/** Where something is posted, and how. */
export interface EndpointOptions {
  /** An address of http or https. Credentials belong into `headers`. */
  readonly url: string | URL
  /**
   * Signs what is sent, by the Standard Webhooks specification: 16 characters or more, taken as they are, or
   * `whsec_` and base64. A receiver that verifies with a library of that specification wants the second kind.
   * Refused where it is given and `undefined`: a variable that is not set must not turn signing off.
   */
  readonly secret?: string
  /** Sent with every request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
  /** How long one try may take, in milliseconds. @default 5_000 */
  readonly timeoutMs?: number
  /** @default systemClock */
  readonly clock?: Clock
}

/** The names of the options of an endpoint. */
export const ENDPOINT_OPTIONS = {
  url: 1,
  secret: 1,
  headers: 1,
  timeoutMs: 1,
  clock: 1,
} as const satisfies Names<EndpointOptions>

/** An endpoint whose every field is present and valid. */
export interface Endpoint {
  readonly url: string
  /** The address without its path: the path of many webhooks is their password. */
  readonly shownAs: string
  readonly key: Buffer | null
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly timeoutMs: number
  readonly clock: Clock
}

/** Past this line an endpoint can be posted to. A refusal shows neither the address nor the secret. */
export function resolveEndpoint(where: string, options: EndpointOptions): Endpoint {
  const url = resolveUrl(where, options.url)
  return {
    url: url.href,
    shownAs: url.origin,
    key: 'secret' in options ? signingKey(`${where}: secret`, options.secret) : null,
    headers: resolveHeaders(where, options.headers ?? {}),
    timeoutMs: numberWithin(`${where}: timeoutMs`, options.timeoutMs ?? 5_000, 1, 600_000),
    clock: withMethods(`${where}: clock`, options.clock ?? systemClock, ['now', 'elapsed', 'schedule']),
  }
}

function resolveUrl(where: string, given: unknown): URL {
  if (typeof given !== 'string' && !(given instanceof URL)) {
    throw new CanaryError('INVALID_OPTION', `${where}: url must be a string or a URL, got ${show(given)}`)
  }
  const url = parsed(String(given))
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new CanaryError(
      'INVALID_OPTION',
      `${where}: url must be an absolute address that begins with http: or https:`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new CanaryError(
      'INVALID_OPTION',
      `${where}: url must not hold credentials; send them in headers.authorization`,
    )
  }
  return url
}

/** Not by `URL.canParse`, which jest's jsdom has not. */
function parsed(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
