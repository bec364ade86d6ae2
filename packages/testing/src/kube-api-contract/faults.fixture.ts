import type { Breakage, LooseEvent } from './broken-server.fixture.js'
import type { Answer, Asked } from './client.js'

type Loose = { readonly [member: string]: unknown }

/** Returns whether a request is a merge patch. */
export const isMergePatch = ({ contentType }: Asked) => contentType === 'application/merge-patch+json'

/** Returns whether a request is a JSON patch. */
export const isJsonPatch = ({ contentType }: Asked) => contentType === 'application/json-patch+json'

/** The body of a request or an answer. */
export const bodyOf = ({ body }: { readonly body?: unknown }) => body as Loose

/** The metadata in the body of a request or an answer. */
export const metadataOf = (holder: { readonly body?: unknown }) => (bodyOf(holder).metadata ?? {}) as Loose

/** Changes the requests of one method. */
export const mistaking = (method: string, change: (asked: Asked) => Asked): Breakage => ({
  request: (asked) => (asked.method === method ? change(asked) : asked),
})

/** Changes the metadata in merge patches. */
export const rewriting = (change: (metadata: Loose) => Loose): Breakage => ({
  request: (asked) =>
    isMergePatch(asked) ? { ...asked, body: { ...bodyOf(asked), metadata: change(metadataOf(asked)) } } : asked,
})

/** The request as a JSON patch of one operation. */
export const asJsonPatch = (asked: Asked, operation: object): Asked => ({
  ...asked,
  contentType: 'application/json-patch+json',
  body: [operation],
})

/** Changes the operations of JSON patches. */
export const operating = (change: (operations: readonly Loose[]) => readonly Loose[]): Breakage => ({
  request: (asked) =>
    isJsonPatch(asked) && Array.isArray(asked.body) ? { ...asked, body: change(asked.body as Loose[]) } : asked,
})

/** Answers with another status code, and a matching Status. */
export const restating = (from: number, to: number, method: string, reason = 'Invalid'): Breakage => ({
  answer: (answer, asked) =>
    answer.status === from && asked.method === method
      ? { ...answer, status: to, body: { ...bodyOf(answer), code: to, reason } }
      : answer,
})

/** Changes the answers. */
export const answering = (change: (answer: Answer, asked: Asked) => Answer): Breakage => ({ answer: change })

/** The answer to a patch, with other metadata. */
export const withMetadata = (answer: Answer, asked: Asked, change: (metadata: Loose) => Loose): Answer =>
  asked.method === 'PATCH' && answer.status === 200
    ? { ...answer, body: { ...bodyOf(answer), metadata: change(metadataOf(answer)) } }
    : answer

/** Takes a parameter out of the query of a request. */
export const deafTo = (parameter: string, inWatches: boolean): Breakage => ({
  request: (asked) => {
    const url = new URL(asked.path, 'http://localhost')
    if (url.searchParams.has('watch') !== inWatches) return asked
    url.searchParams.delete(parameter)
    return { ...asked, path: `${url.pathname}${url.search}` }
  },
})

/** Changes the events of watches. */
export const telling = (event: (event: LooseEvent, asked: Asked) => LooseEvent | undefined): Breakage => ({ event })

/** Takes a member out of metadata. */
export const without = (member: string) => (metadata: Loose) =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== member))
