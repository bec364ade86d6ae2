// What the code blocks of these pages may use without declaring it. The tests check every block against it.

/** A canary of two versions, as the quickstart makes it. */
declare const canary: import('@model-canary/core').Canary<'v1' | 'v2'>

/** The HTTP server of the service. */
declare const server: import('node:http').Server

/** What the models of these pages take and answer. */
interface Question {
  readonly userId: string
  readonly text: string
}
interface Answer {
  readonly prediction: string
  readonly confidence: number
}

/** The two models. */
declare const modelV1: (question: Question) => Promise<Answer>
declare const modelV2: (question: Question) => Promise<Answer>
