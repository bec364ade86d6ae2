import type { ServerResponse } from 'node:http'
import { refuse } from './answer-call.js'
import { type Call, isOn, type Reply } from './call.js'
import { apiVersionOf, asVersion, type FakeResource } from './resource.js'
import { selectionOf } from './selection.js'
import { badRequest, expired, failure } from './status.js'
import { type Change, isSelected, type Selection, type Store } from './store.js'

/** The open watches of a fake API server. */
export interface Watches {
  /** Begins to stream changes, or returns why it cannot. */
  open(call: Call, response: ServerResponse): Reply | undefined
  count(): number
  /** Sends a bookmark to every watch that requested bookmarks. */
  bookmark(): void
  /** Cuts the connection of every watch. */
  cut(): void
}

interface Watch {
  readonly response: ServerResponse
  readonly bookmark: () => void
}

/** Creates a server's watches, with none open. */
export function createWatches(store: Store): Watches {
  const watches = new Set<Watch>()

  return {
    open(call, response) {
      const selection = selectionOf(call)
      if ('refused' in selection) return refuse(selection.refused)
      const resourceVersion = call.query.get('resourceVersion') ?? ''
      const refused = problemOf(call, resourceVersion)
      if (refused !== undefined) return refused

      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      const send = senderTo(response, call)
      const backlog = backlogOf(store, selection.value, Number(resourceVersion || 0))
      if (backlog === undefined) {
        response.end(eventLine('ERROR', expired(Number(resourceVersion), store.oldest())))
        return undefined
      }
      for (const change of backlog) send(change)
      follow(call, selection.value, response, send)
      return undefined
    },
    count: () => watches.size,
    bookmark() {
      for (const watch of watches) watch.bookmark()
    },
    cut() {
      for (const { response } of watches) response.destroy()
    },
  }

  function follow(call: Call, selection: Selection, response: ServerResponse, send: (change: Change) => void) {
    const bookmark = isOn(call.query.get('allowWatchBookmarks'))
      ? () => void response.write(eventLine('BOOKMARK', bookmarkOf(call, store.revision())))
      : () => {}
    const watch: Watch = { response, bookmark }
    const leave = store.subscribe((change) => isSelected(selection, change) && send(change))
    const seconds = Number(call.query.get('timeoutSeconds') ?? 0)
    const timer = seconds > 0 ? setTimeout(() => response.end(), seconds * 1_000) : undefined
    watches.add(watch)
    response.on('close', () => {
      leave()
      clearTimeout(timer)
      watches.delete(watch)
    })
  }
}

/** Returns the first events of a watch; `undefined` if the history does not go back that far. */
function backlogOf(store: Store, selection: Selection, from: number): readonly Change[] | undefined {
  if (from > 0) return store.since(from)?.filter((change) => isSelected(selection, change))
  const { resource } = selection
  const revision = store.revision()
  return store.select(selection).map((object) => ({ type: 'ADDED', resource, object, revision }))
}

function problemOf({ query }: Call, resourceVersion: string): Reply | undefined {
  if (!/^\d*$/.test(resourceVersion)) return refuse(badRequest('Invalid value for resourceVersion: it is no number'))
  if (!/^\d*$/.test(query.get('timeoutSeconds') ?? '')) return refuse(badRequest('timeoutSeconds is no number'))
  if (!query.has('sendInitialEvents')) return undefined
  return refuse(
    failure(422, 'Invalid', 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'),
  )
}

function senderTo(response: ServerResponse, { version }: Call) {
  return ({ type, object, resource }: Change) =>
    void response.write(eventLine(type, asVersion(object, resource, version)))
}

function bookmarkOf({ resource, version }: { resource: FakeResource; version: string }, revision: number): object {
  const apiVersion = apiVersionOf(resource.group, version)
  return { apiVersion, kind: resource.kind, metadata: { resourceVersion: String(revision) } }
}

const eventLine = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`
