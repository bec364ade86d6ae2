/** An answer that is not what was asked for. */
export interface Refusal {
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number
  readonly code: string
  readonly message: string
  /** The whole body, which holds the present status if the rollout has moved on. */
  readonly body: unknown
}

/** Whether the service refused for who asks: 401 without credentials, 403 with the wrong ones. */
export const isOfCredentials = (refusal: Refusal | null): boolean => refusal?.status === 401 || refusal?.status === 403

/** What came of a request. */
export type Answer = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly refusal: Refusal }

/** Asks the routes of the service that the page comes from. */
export interface Client {
  /** Reads a route. */
  get(path: string): Promise<Answer>
  /** Sends a verb once: with the same key again, it is still one. */
  post(path: string, body: unknown, idempotencyKey: string): Promise<Answer>
  /** Opens a stream. Rejects, or resolves to a refusal, if there is none. */
  open(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response>
}

/** How long an answer may take, in milliseconds. `authorize` of the service has 10 s. */
const LONGEST_MS = 15_000

/**
 * Creates a client. The browser adds the cookies and the basic authorization of the app by itself.
 *
 * @param token the token that a person has typed in; `null` if there is none
 */
export function createClient(token: () => string | null): Client {
  const withToken = (headers: Readonly<Record<string, string>>): Record<string, string> => {
    const given = token()
    return given === null ? { ...headers } : { ...headers, authorization: `Bearer ${given}` }
  }
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    try {
      const response = await fetch(path, { ...init, cache: 'no-store', signal: AbortSignal.timeout(LONGEST_MS) })
      const body: unknown = await response.json().catch(() => null)
      return response.ok ? { ok: true, body } : { ok: false, refusal: refusalOf(response.status, body) }
    } catch {
      return {
        ok: false,
        refusal: { status: 0, code: 'NO_ANSWER', message: 'the service does not answer', body: null },
      }
    }
  }
  return {
    get: (path) => ask(path, { headers: withToken({ accept: 'application/json' }) }),
    post(path, body, idempotencyKey) {
      const headers = withToken({ 'content-type': 'application/json', 'idempotency-key': idempotencyKey })
      return ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
    },
    open: (path, headers, signal) =>
      fetch(path, { headers: withToken({ ...headers, accept: 'text/event-stream' }), cache: 'no-store', signal }),
  }
}

function refusalOf(status: number, body: unknown): Refusal {
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as {
    error?: { code?: unknown; message?: unknown }
  }
  const code = typeof error?.code === 'string' ? error.code : `HTTP_${status}`
  const message = typeof error?.message === 'string' ? error.message : `the service answered ${status}`
  return { status, code, message, body }
}
