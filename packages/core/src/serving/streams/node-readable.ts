/** The members of Node's `Readable` that are used; the core does not import Node modules. */
export interface NodeStream {
  readonly readableEnded?: boolean
  readonly readableDidRead?: boolean
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

/** Returns whether a value is a readable Node stream, by its methods: there are several copies of the class. */
export const isNodeStream = (value: object): value is NodeStream =>
  'pipe' in value &&
  'read' in value &&
  'on' in value &&
  typeof value.pipe === 'function' &&
  typeof value.read === 'function'
