import { CanaryError } from '../foundation/errors.js'
import { type Defaults, type Names, numberWithin, show } from '../foundation/options.js'
import { withMethods } from '../foundation/with-methods.js'
import { type Clock, systemClock } from '../runtime/clock.js'
import { resolveHeaders } from './headers.js'
import { signingKey } from './signature.js'

/** Where and how requests are posted. */
export interface EndpointOptions {
  /** An http or https URL. Credentials belong in `headers`. */
  readonly url: string | URL
  /**
   * Signs each request according to the Standard Webhooks specification. Either 16 or more characters, used as they
   * are, or `whsec_` followed by base64, which receivers with a library for that specification require.
   * An explicit `undefined` is refused, so that an unset variable cannot turn signing off.
   */
  readonly secret?: string
  /** Sent with every request, such as `authorization`. @default {} */
  readonly headers?: Readonly<Record<string, string>>
  /** Time limit of one attempt, in milliseconds. @default 5_000 */
  readonly timeoutMs?: number
  /** @default systemClock */
  readonly clock?: Clock
}

/** What an option is if it is not given. */
const ENDPOINT_DEFAULTS = { headers: {}, timeoutMs: 5_000 } as const satisfies Defaults<EndpointOptions>

/** The names of the options of an endpoint. */
export const ENDPOINT_OPTIONS = {
  url: 1,
  secret: 1,
  headers: 1,
  timeoutMs: 1,
  clock: 1,
} as const satisfies Names<EndpointOptions>

/** An endpoint in which every field is present and valid. */
export interface Endpoint {
  readonly url: string
  /** The URL without its path, because the path of many webhooks is a secret. */
  readonly shownAs: string
  readonly key: Buffer | null
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly timeoutMs: number
  readonly clock: Clock
}

/** Checks the options of an endpoint and fills in defaults. Errors show neither the URL nor the secret. */
export function resolveEndpoint(where: string, options: EndpointOptions): Endpoint {
  const url = resolveUrl(where, options.url)
  return {
    url: url.href,
    shownAs: url.origin,
    key: 'secret' in options ? signingKey(`${where}: secret`, options.secret) : null,
    headers: resolveHeaders(where, options.headers ?? ENDPOINT_DEFAULTS.headers),
    timeoutMs: numberWithin(`${where}: timeoutMs`, options.timeoutMs ?? ENDPOINT_DEFAULTS.timeoutMs, 1, 600_000),
    clock: withMethods(`${where}: clock`, options.clock ?? systemClock, ['now', 'elapsed', 'schedule']),
  }
}

function resolveUrl(where: string, given: unknown): URL {
  if (typeof given !== 'string' && !(given instanceof URL)) {
    throw new CanaryError('INVALID_OPTION', `${where}: url must be a string or a URL, got ${show(given)}`)
  }
  const url = parsed(String(given))
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new CanaryError('INVALID_OPTION', `${where}: url must be an absolute URL that begins with http: or https:`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new CanaryError(
      'INVALID_OPTION',
      `${where}: url must not contain credentials; send them in headers.authorization`,
    )
  }
  return url
}

/** Does not use `URL.canParse`, which jest's jsdom does not have. */
function parsed(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
