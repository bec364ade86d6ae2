import { Agent, request } from 'node:http'
import type { Label } from '../models/model.js'
import type { Sentence } from './sentences.js'
import type { Reply } from './tally.js'

/** Sends one sentence to the service, as the given user. Never rejects. */
export type Ask = (sentence: Sentence, user: string) => Promise<Reply>

/** Sends requests over kept-alive HTTP connections, at a third of the cost of `fetch`. */
export function askOver(origin: string): Ask {
  const agent = new Agent({ keepAlive: true })
  return ({ text, label }, user) =>
    new Promise((resolve) => {
      const body = JSON.stringify({ text, label })
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-user-id': user,
      }
      const fail = (error: Error): void => resolve({ failure: error.message })
      request(`${origin}/predict`, { method: 'POST', agent, headers }, (response) => {
        let answer = ''
        response.setEncoding('utf8').on('error', fail)
        response.on('data', (text: string) => {
          answer += text
        })
        response.on('end', () => resolve(replyOf(response.statusCode ?? 0, answer)))
      })
        .on('error', fail)
        .end(body)
    })
}

function replyOf(status: number, answer: string): Reply {
  if (status !== 200) return { failure: `HTTP ${status}` }
  return JSON.parse(answer) as { prediction: Label; version: string }
}
