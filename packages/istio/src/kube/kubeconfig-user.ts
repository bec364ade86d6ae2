import { execPlugin } from './exec-plugin.js'
import { readExecSpec } from './exec-spec.js'
import type { Identity } from './identity.js'
import type { JsonRecord } from './json-record.js'
import type { Cluster } from './kubeconfig-cluster.js'
import { pemValue, tokenValue, type ValuePlace } from './kubeconfig-value.js'

const WHERE = "the user's"

/** Members that change which user the requests are made as, so they must not be ignored. */
const UNSUPPORTED: readonly (readonly [member: string, instead: string])[] = [
  ['auth-provider', 'use an exec plugin'],
  ['username', 'use a token, a client certificate or an exec plugin'],
  ['password', 'use a token, a client certificate or an exec plugin'],
  ['as', 'use credentials of that user'],
  ['as-uid', 'use credentials of that user'],
  ['as-groups', 'use credentials of a member'],
  ['as-user-extra', 'use credentials of that user'],
]

/** Reads a user's entry; a token wins over an `exec` plugin, as with `kubectl`. @throws `KUBE_CONFIG` */
export function readUser(place: ValuePlace, user: JsonRecord, cluster: Cluster, execTimeoutMs: number): Identity {
  const { reader, folder, clock } = place
  for (const [member, instead] of UNSUPPORTED) {
    if (user[member] === undefined || user[member] === null) continue
    throw reader.refuse(`${WHERE} ${member} is not supported; ${instead}`)
  }
  const token = tokenValue(place, user)
  const cert = pemValue(place, user, 'client-certificate', WHERE)
  const key = pemValue(place, user, 'client-key', WHERE)
  if ((cert === undefined) !== (key === undefined)) {
    throw reader.refuse(`${WHERE} client-certificate and client-key must both be set; add the missing one`)
  }
  const spec = token === undefined && cert === undefined ? readExecSpec(reader, user, folder) : undefined
  if (spec !== undefined) return execPlugin(spec, { cluster, clock, timeoutMs: execTimeoutMs })

  return {
    last: { token: token?.last, cert: cert?.last, key: key?.last },
    async read() {
      const [freshToken, freshCert, freshKey] = await Promise.all([token?.read(), cert?.read(), key?.read()])
      return { token: freshToken, cert: freshCert, key: freshKey }
    },
    refuse() {
      for (const value of [token, cert, key]) value?.refuse()
    },
  }
}
