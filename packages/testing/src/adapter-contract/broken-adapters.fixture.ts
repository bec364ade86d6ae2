import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Canary, Observation } from '@model-canary/core'
import {
  nodeRoutes,
  nodeTie,
  type RequestCanary,
  type RequestCanaryOptions,
  requestCanary,
} from '@model-canary/core/adapter'
import type { AdapterRule } from '../adapter-contract.js'
import type { AdapterParts, PlainRequest } from './plain-adapter.fixture.js'

/** An adapter with one mistake, and the rules that must find it. */
export interface BrokenAdapter {
  readonly parts: Partial<AdapterParts>
  readonly rules: readonly AdapterRule[]
}

/** Timers that a broken adapter leaves behind, to be cleared by the test. */
export const leakedTimers: NodeJS.Timeout[] = []

type Make = (canary: Canary, response: ServerResponse, options: RequestCanaryOptions) => RequestCanary

/** A request's canary that is made rightly. */
const tied: Make = (canary, response, options) => requestCanary(canary, nodeTie(response), options)

/** A mistake in how the request's canary is made. */
const making = (make: Make): Partial<AdapterParts> => ({ requestCanary: make })

/** A mistake beside a request's canary that is made rightly. */
const beside = (mistake: (made: RequestCanary, canary: Canary, response: ServerResponse) => void) =>
  making((canary, response, options) => {
    const made = tied(canary, response, options)
    mistake(made, canary, response)
    return made
  })

/** The same request's canary with other members. */
const changed = (change: (made: RequestCanary, canary: Canary) => Partial<RequestCanary>) =>
  making((canary, response, options) => {
    const made = tied(canary, response, options)
    return Object.create(made, Object.getOwnPropertyDescriptors(change(made, canary)))
  })

const YES = { value: true }

const call: Omit<Observation, 'at'> = { variant: 'canary', durationMs: 1, outcome: 'success' }

/** Mistakes that an adapter can make, by what it does. */
export const brokenAdapters: Readonly<Record<string, BrokenAdapter>> = {
  'counts every request': {
    parts: beside(({ version }) => void version),
    rules: [
      'counts nothing for a route that does not touch the canary',
      'counts nothing for a path that nobody serves',
      'counts nothing for an event stream that is held open',
      'adds no listener to a response that is none of the model’s',
      'counts a request when it is touched for the first time, and not before',
      'counts a canary that is touched after the client left as one abort',
    ],
  },
  'takes the outcome of a run from the response': {
    parts: changed((made) => ({
      run: (models, ...input) => models[made.variant](...input) as never,
    })),
    rules: [
      'counts a run as a success when the response is a 503',
      'counts two runs in one request as two flights of the same variant',
      'waits for a model that is still at work when the response is over',
      'ends a stream that its route does not send when the response is over',
      'names the baseline in the header when it answered for a canary that threw',
      'names the baseline in the header when it answered for a canary that rejected',
    ],
  },
  'listens when the response is already over': {
    parts: making((canary, response, options) => {
      const listenLate = async (event: 'close', listener: () => void) => {
        await new Promise((resolve) => response.on('close', resolve))
        response.on(event, listener)
      }
      return tied(canary, Object.create(response, { on: { value: listenLate } }), options)
    }),
    rules: [
      'counts a client that leaves while the model runs as one abort, and tells the model',
      'counts a client that leaves before the model fails as one abort',
      'keeps a request whose route never answers under way until the client leaves',
      'counts a request that only reads its version as a success when it is answered',
      'counts a request that only reads its version as rejected when it answers 422',
      'counts a request that only reads its version as an error when it answers 503',
      'counts a request that only reads its version as an error when its route throws',
      'counts a request that only reads its version as aborted when it is closed unanswered',
      'takes what record says over what the response says',
      'books the prediction that record describes',
    ],
  },
  'takes every closed response for an answered one': {
    parts: making((canary, response, options) =>
      tied(canary, Object.create(response, { writableEnded: YES, writableFinished: YES }), options),
    ),
    rules: [
      'counts a client that leaves while the model runs as one abort, and tells the model',
      'keeps a request whose route never answers under way until the client leaves',
      'counts a request that only reads its version as aborted when it is closed unanswered',
      'counts requests that wait for their turn on a socket as aborted when the client leaves',
      'counts a response that this side closes unfinished as an error',
    ],
  },
  'counts a response besides its model': {
    parts: beside((_made, canary, response) => response.on('close', () => canary.record(call))),
    rules: [
      'counts a model that answers as one success',
      'counts a model that answers by a promise as one success',
      'counts a model that throws as one error',
      'counts a model that rejects as one error',
      'counts a model that throws in a route that is not async as one error',
      'counts a run as a success when the response is a 404',
      'counts a HEAD like a GET',
      'counts each of the requests on one socket',
      'counts each of the requests that one packet brings',
      'counts an async iterable that is read to its end as one success',
      'counts a web stream that is read to its end as one success',
      'counts a Node stream that is read to its end as one success',
      'counts an async iterable that the client leaves as one abort, and releases it',
      'counts a web stream that the client leaves as one abort, and releases it',
      'counts a Node stream that the client leaves as one abort, and releases it',
      'counts once when its middleware is mounted twice',
      'reaches the routes of a nested router',
      'keeps requests apart that are served at the same time',
    ],
  },
  'keeps the outermost canary': {
    parts: { seat: ({ canary }, _canary, made) => canary ?? made },
    rules: [
      'gives the request the innermost of two canaries',
      'finds each of two canaries by canaryOf',
      'keeps a nested router’s canary from the routes around it',
    ],
  },
  'reads the key at once': {
    parts: making((canary, response, { request, ...options }) => {
      const routing = request()
      return tied(canary, response, { ...options, request: () => routing })
    }),
    rules: [
      'reads no key for a request that is none of the model’s',
      'routes a request whose key cannot be read as one without a key, and says so',
    ],
  },
  'forgets the key': {
    parts: making((canary, response, options) => tied(canary, response, { ...options, request: () => ({}) })),
    rules: [
      'routes by the key and the attributes of the request',
      'reads the key once, from the framework’s own request',
    ],
  },
  'always names the version': {
    parts: making((canary, response, options) =>
      tied(canary, response, { ...options, versionHeader: 'x-model-version' }),
    ),
    rules: ['writes no header unless it is told to', 'writes the header that it is told to'],
  },
  'never names the version': {
    parts: making((canary, response, options) => tied(canary, response, { ...options, versionHeader: false })),
    rules: ['names the version that ran in a header', 'names the version that was only read in a header'],
  },
  'names the version of every request': {
    parts: beside((_made, _canary, response) => response.setHeader('x-model-version', 'v1')),
    rules: ['writes no header for a request that is none of the model’s'],
  },
  'wraps what a model throws': {
    parts: changed((made) => ({
      run: (...input) => {
        try {
          return made.run(...input)
        } catch (cause) {
          throw new Error('the canary failed', { cause })
        }
      },
    })),
    rules: ['leaves a thrown error to the framework, which answers as ever'],
  },
  'keeps errors to itself': {
    parts: { onError: () => {} },
    rules: [
      'leaves a thrown error to the framework, which answers as ever',
      'leaves a rejection to the framework, which answers as ever',
    ],
  },
  'lets everybody change everything': {
    parts: { nodeRoutes: (canary, { prefix = '/' }) => nodeRoutes(canary, { prefix, authorize: () => true }) },
    rules: [
      'has no verbs without authorize',
      'refuses a verb where authorize says no',
      'refuses a verb where authorize throws',
      'refuses a verb where authorize rejects',
      'carries out a verb where authorize says yes',
      'shows the words of other people’s errors only where authorize says yes',
    ],
  },
  'forgets the query of its routes': {
    parts: {
      nodeRoutes: (canary, options) => {
        const routes = nodeRoutes(canary, options)
        return ({ method, url = '', headers }, response) =>
          routes({ method, url: url.split('?')[0], headers } as PlainRequest, response)
      },
    },
    rules: [
      'serves the decisions page by page, newest first',
      'refuses a page of decisions that there is not',
      'refuses a window that there is not',
    ],
  },
  'sends a text as JSON': {
    parts: {
      nodeRoutes: (canary, options) => {
        const routes = nodeRoutes(canary, options)
        return (request, response) => {
          const { writeHead } = response
          response.writeHead = ((status: number, headers: OutgoingHttpHeaders) =>
            writeHead.call(response, status, { ...headers, 'content-type': 'application/json' })) as typeof writeHead
          return routes(request, response)
        }
      },
    },
    rules: ['serves the explanation as plain text', 'serves an exporter’s text in the form that is asked for'],
  },
  'has routes that answer nothing': {
    parts: { nodeRoutes: () => async () => false },
    rules: [
      'serves the status',
      'serves the metrics, and looks without counting',
      'serves the decisions page by page, newest first',
      'refuses a page of decisions that there is not',
      'serves the explanation as plain text',
      'answers a HEAD for the status',
      'refuses a window that there is not',
      'answers 409 where the rollout is elsewhere',
      'answers 400 to a body that is no JSON object',
    ],
  },
  'answers every path below its routes': {
    parts: {
      nodeRoutes:
        (_canary, { prefix = '/' }) =>
        async ({ url = '' }, response) => {
          if (!url.startsWith(`${prefix}/`)) return false
          response.writeHead(200).end('{}')
          return true
        },
    },
    rules: ['leaves every other path to the framework'],
  },
  'leaves a listener on the socket': {
    parts: beside((_made, _canary, { socket }) => {
      socket?.setMaxListeners(0).on('close', () => {}) // this leak is intended, so Node must not warn of it
    }),
    rules: ['leaves no listener on a socket that is kept'],
  },
  'leaves a timer': {
    parts: beside(() => void leakedTimers.push(setInterval(() => {}, 60_000))),
    rules: ['leaves no handle and no listener behind when it is closed'],
  },
}
