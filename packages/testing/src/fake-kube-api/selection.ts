import type { Call } from './call.js'
import { badRequest, type Outcome } from './status.js'
import type { Selection } from './store.js'

/** Returns the selection of a list or a watch. Selectors that the fake does not support are refused. */
export function selectionOf({ resource, namespace, query }: Call): Outcome<Selection> {
  if (query.get('labelSelector')) return refuse('this server knows no labelSelector; pick by metadata.name')

  const wanted = new Map<string, string>()
  for (const term of (query.get('fieldSelector') ?? '').split(',').filter(Boolean)) {
    const [, field, value] = /^(metadata\.name|metadata\.namespace)==?([^=!]*)$/.exec(term) ?? []
    if (field === undefined || value === undefined) return refuse(`field label not supported: ${term.slice(0, 200)}`)
    wanted.set(field, value)
  }
  const name = wanted.get('metadata.name')
  return { value: { resource, namespace: namespace ?? wanted.get('metadata.namespace'), name } }
}

const refuse = (message: string) => ({ refused: badRequest(message) })
