/** As much of Node's `Readable` as is looked at; the core imports nothing of Node. */
export interface NodeStream {
  readonly readableEnded?: boolean
  readonly readableLength?: number
  readonly closed?: boolean
  readonly destroyed?: boolean
  readonly errored?: unknown
  pipe(...input: never[]): unknown
  unpipe?(...input: never[]): unknown
  read(...input: never[]): unknown
  on(event: string | symbol, listener: (error?: unknown) => void): unknown
  listenerCount?(event: string): number
  push?(...input: never[]): unknown
  destroy?(reason?: unknown): unknown
}

/** Tells a Node stream that can be read, by its methods: there are copies of the class. */
export const isNodeStream = (value: object): value is NodeStream =>
  'pipe' in value &&
  'read' in value &&
  'on' in value &&
  typeof value.pipe === 'function' &&
  typeof value.read === 'function'
