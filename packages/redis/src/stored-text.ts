import { CanaryError } from '@model-canary/core'
import type { Head } from '@model-canary/core/controller'

/** Returns the head of a stored text; `undefined` for an empty one. @throws `INVALID_STATE` */
export function headIn(text: string): Head | undefined {
  if (text === '') return undefined
  const head = parsed(text)
  if (typeof head?.tag === 'string') return head as unknown as Head
  throw new CanaryError('INVALID_STATE', 'the head in Redis is not one of model-canary; restore it or delete its key')
}

/** Returns the records in stored texts; those that are damaged are left out. */
export function recordsIn<Kind>(texts: readonly string[]): readonly Kind[] {
  return texts.flatMap((text) => {
    const record = parsed(text)
    return record === undefined ? [] : [record as Kind]
  })
}

/** Returns the object of a JSON text; `undefined` if it is something else. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
