import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'
import { safeData } from '../safe-text.js'
import { isRecord, textIn } from './records.js'
import { errorIn, refusalOf } from './refusals.js'
import { readStatus, type StatusView } from './status-view.js'
import type { NoAnswer, RouteAnswer, RouteRequest, StreamRequest, Transport } from './transport.js'

/** A status as it came, and as it is shown. */
export interface SeenStatus {
  /** The answer of the service. */
  readonly body: unknown
  readonly view: StatusView
}

/** The routes of one rollout. */
export interface RolloutClient {
  /** The address, for messages. */
  readonly place: string
  /** Asks a route, below the name of the rollout if several share the address. Does not reject for an answer. */
  ask(request: RouteRequest): Promise<RouteAnswer | NoAnswer>
  /** Opens a stream, below the same name. */
  stream(request: StreamRequest): Promise<RouteAnswer | NoAnswer>
  /** Returns the present status. Rejects with a failure. */
  status(limitMs: number): Promise<SeenStatus>
}

/** Finds the routes of one rollout: at the address itself, or below its name. */
export function rolloutClient(transport: Transport, rollout: string | undefined): RolloutClient {
  const { place } = transport
  let prefix = rollout === undefined ? '' : `${encodeURIComponent(rollout)}/`
  let isFound = false

  const ask = async (request: RouteRequest): Promise<RouteAnswer | NoAnswer> => {
    const answer = await transport.ask({ ...request, path: prefix + request.path })
    if (isFound || answer.status !== 404 || errorIn(answer.body).code !== undefined) {
      isFound ||= answer.status !== null
      return answer
    }
    const found = await prefixIn(transport, rollout, request.limitMs)
    if (found === undefined || found === prefix) return answer
    prefix = found
    isFound = true
    return transport.ask({ ...request, path: prefix + request.path })
  }

  return {
    place,
    ask,
    stream: (request) => transport.stream({ ...request, path: prefix + request.path }),
    async status(limitMs) {
      const answer = await ask({ method: 'GET', path: 'status', limitMs })
      if (answer.status !== 200) throw refusalOf(answer, place)
      return { body: answer.body, view: readStatus(answer.body, place) }
    },
  }
}

/** Returns where the list of rollouts says that the routes are; `undefined` if there is no list. */
async function prefixIn(
  transport: Transport,
  rollout: string | undefined,
  limitMs: number,
): Promise<string | undefined> {
  const answer = await transport.ask({ method: 'GET', path: 'rollouts', limitMs })
  if (answer.status !== 200 || !Array.isArray(answer.body)) return undefined
  const listed = answer.body.filter(isRecord).flatMap((each) => {
    const name = textIn(each, 'name')
    return name === undefined ? [] : [{ name, path: textIn(each, 'path') }]
  })
  const names = listed.map(({ name }) => String(safeData(name))).join(', ')
  if (rollout === undefined && listed.length > 1)
    throw failure(EXIT.usage, 'WHICH_ROLLOUT', `there are several rollouts: ${names}; say which one with --rollout`)
  const found = rollout === undefined ? listed[0] : listed.find(({ name }) => name === rollout)
  if (found === undefined)
    throw failure(EXIT.usage, 'NO_ROLLOUT', `there is no rollout of that name; there are: ${names || 'none'}`)
  return found.path === '' ? '' : `${encodeURIComponent(found.name)}/`
}
