import { RAISING_VERBS } from '../../controller/verbs.js'
import { LIBRARY_VERSION } from '../../foundation/library-version.js'
import { EVENT_STREAM } from './event-viewer.js'
import { ref, SCHEMAS, VERB_OPTIONS } from './openapi-schemas.js'
import type { ResolvedRoutes, RouteAction } from './route-options.js'

/** What each verb does, in one sentence. */
const VERBS: Readonly<Record<RouteAction, string>> = {
  pause: 'Holds the weight until it is resumed, or until untilMs. The guardrails still roll back.',
  resume: 'Ends a pause.',
  promote: 'Goes to the next step regardless of the evidence; with full, directly to 100 percent.',
  rollback: 'Sends all requests to the baseline.',
  retry: 'Begins a new epoch after an end.',
  enable: 'Releases the kill switch.',
  disable: 'Throws the kill switch: every request goes to the baseline, and time in the step stands still.',
}

/** The options that only one verb has. */
const OWN_OPTIONS: Readonly<Partial<Record<RouteAction, object>>> = {
  pause: { untilMs: { type: 'number', description: 'Wall time in milliseconds since 1970, at most a year ahead.' } },
  promote: { full: { type: 'boolean', default: false } },
  retry: { fromStep: { type: 'integer', minimum: 1, default: 1 } },
}

const answered = (description: string, schema: object, type = 'application/json') => ({
  description,
  content: { [type]: { schema } },
})
const refused = (description: string) => answered(description, ref('Refusal'))
const text = { type: 'string' } as const
const inQuery = (name: string, schema: object) => ({ name, in: 'query', schema })
const inHeader = (name: string, schema: object) => ({ name, in: 'header', schema })
const whole = (maximum?: number) => ({ type: 'integer', minimum: 1, ...(maximum !== undefined && { maximum }) })

/** The routes that only read, by name. */
const READS = {
  status: { summary: 'The present status.', responses: { 200: answered('The status.', ref('Status')) } },
  explain: {
    summary: 'The present status as sentences.',
    responses: { 200: answered('Sentences.', text, 'text/plain') },
  },
  history: {
    summary: 'The decisions that are kept, newest first.',
    parameters: [inQuery('before', whole()), inQuery('limit', whole(1_000))],
    responses: {
      200: answered('Decisions.', { type: 'array', items: ref('Decision') }),
      400: refused('before or limit is not a whole number within its bounds.'),
      503: refused('The store cannot be read.'),
    },
  },
  metrics: {
    summary: 'The metrics of each version, by its name.',
    parameters: [
      inQuery('scope', { enum: ['process', 'fleet'] }),
      inQuery('window', { enum: ['step', 'rollout'] }),
      inQuery('lastMs', { type: 'number', exclusiveMinimum: 0 }),
    ],
    responses: {
      200: answered('Metrics.', { type: 'object', additionalProperties: ref('VersionMetrics') }),
      400: refused('A parameter is not known.'),
      409: refused('The rollout is not shared by several processes.'),
      503: refused('The store cannot be read.'),
    },
  },
  rights: { summary: 'What the sender may do.', responses: { 200: answered('The rights.', ref('Rights')) } },
  points: {
    summary: 'What both versions served, in spans of time, oldest first.',
    responses: {
      200: answered('Points.', { type: 'array', items: ref('Point') }),
      503: refused('The store cannot be read.'),
    },
  },
  events: {
    summary: 'Server-sent events: status, decision, alert, and reset if the history no longer leads back to the id.',
    parameters: [inHeader('last-event-id', text)],
    responses: {
      200: answered('A stream; after ten minutes the client connects again.', text, EVENT_STREAM.split(';', 1)[0]),
      503: refused('Too many clients read the events.'),
    },
  },
} as const

const DENIED = { 401: refused('The request has no credentials.'), 403: refused('The request is not allowed.') }

/** Returns the description of the routes that exist, in the form of OpenAPI 3.1. Its paths begin at the mount point. */
export function openApiOf<Request>(resolved: ResolvedRoutes<Request>) {
  const { rollouts, areSeveral, authorize, authorizeReads, prometheus } = resolved
  const get = (route: { readonly responses: object }) => ({
    get: { ...route, responses: { ...route.responses, ...(authorizeReads && DENIED) } },
  })
  const routes = [...rollouts].flatMap(([name, rollout]) => {
    const below = areSeveral ? `/${encodeURIComponent(name)}/` : '/'
    const reads = Object.entries(READS).filter(
      ([read]) => (read !== 'metrics' && read !== 'points') || rollout[read] !== undefined,
    )
    const verbs = authorize === undefined ? [] : (Object.keys(VERBS) as readonly RouteAction[])
    return [
      ...reads.map(([read, route]) => [`${below}${read}`, get(route)] as const),
      ...verbs.map((verb) => [`${below}${verb}`, { post: verbOf(verb) }] as const),
    ]
  })
  const list = answered('The rollouts, each with the path of its routes.', { type: 'array', items: ref('Entry') })
  return {
    openapi: '3.1.0',
    info: { title: 'model-canary', version: LIBRARY_VERSION },
    servers: [{ url: '.' }],
    paths: {
      ...Object.fromEntries(routes),
      '/rollouts': get({ responses: { 200: list } }),
      ...(prometheus && {
        '/metrics.prom': get({ responses: { 200: answered('Metrics for Prometheus.', text, 'text/plain') } }),
      }),
      '/openapi.json': get({ responses: { 200: answered('This description.', { type: 'object' }) } }),
    },
    components: { schemas: SCHEMAS },
  }
}

function verbOf(verb: RouteAction) {
  const needsStep = RAISING_VERBS.has(verb)
  const schema = {
    type: 'object',
    properties: { ...VERB_OPTIONS, ...OWN_OPTIONS[verb] },
    ...(needsStep && { required: ['expectedStep'] }),
    additionalProperties: false,
  }
  return {
    summary: VERBS[verb],
    parameters: [inHeader('idempotency-key', { ...text, minLength: 1, maxLength: 64 })],
    requestBody: { required: needsStep, content: { 'application/json': { schema } } },
    responses: {
      200: answered('The new status, and how many processes apply it.', ref('Status')),
      400: refused('An option is not known, or invalid.'),
      ...DENIED,
      409: refused('The rollout is in another state or step; status says in which.'),
      415: refused('The content type is not JSON.'),
      ...(needsStep && { 428: refused('expectedStep is missing.') }),
      429: refused('Too many verbs in a short time.'),
      503: refused('The store or the target failed.'),
    },
  }
}
