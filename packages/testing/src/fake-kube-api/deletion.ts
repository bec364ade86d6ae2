import type { FakeObject } from './object.js'

/** Returns a deleted object that finalizers keep; `undefined` if it is removed at once. */
export function beingDeleted(object: FakeObject, ms: number): FakeObject | undefined {
  const { finalizers = [], deletionTimestamp, generation } = object.metadata
  if (finalizers.length === 0) return undefined
  if (deletionTimestamp !== undefined) return object
  const metadata = {
    ...object.metadata,
    ...(generation !== undefined && { generation: generation + 1 }),
    deletionTimestamp: new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z'),
    deletionGracePeriodSeconds: 0,
  }
  return { ...object, metadata }
}

/** Returns whether an object was deleted and has no finalizers left. */
export function isAtItsEnd({ metadata: { finalizers = [], deletionTimestamp } }: FakeObject): boolean {
  return deletionTimestamp !== undefined && finalizers.length === 0
}
