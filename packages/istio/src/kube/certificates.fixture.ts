import { generate } from 'selfsigned'

/** A certificate and its key, as PEM. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

/** The validity of a certificate. @default from an hour ago, for a day */
export interface Validity {
  readonly from?: Date
  readonly until?: Date
}

const HOUR_MS = 3_600_000
const fromNow = (hours: number): Date => new Date(Date.now() + hours * HOUR_MS)

/** A validity that ended an hour ago. */
export const EXPIRED: Validity = { from: fromNow(-48), until: fromNow(-1) }

/** An authority that signs certificates. */
export async function makeAuthority(name: string, validity: Validity = {}): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: name }], {
    ...common(validity),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  })
  return { cert: made.cert, key: made.private }
}

/** A server's certificate for host names; `127.0.0.1` is an address. */
export async function makeServerPair(ca: Pair, names: readonly string[], validity: Validity = {}): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: names[0] ?? 'server' }], {
    ...common(validity),
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (name === '127.0.0.1' ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  })
  return { cert: made.cert, key: made.private }
}

/** A client's certificate. */
export async function makeClientPair(ca: Pair, name: string): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: name }], {
    ...common({}),
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', clientAuth: true },
    ],
  })
  return { cert: made.cert, key: made.private }
}

function common({ from = fromNow(-1), until = fromNow(24) }: Validity) {
  return { keyType: 'ec', algorithm: 'sha256', notBeforeDate: from, notAfterDate: until } as const
}
