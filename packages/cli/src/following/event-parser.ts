/** One event of a stream. */
export interface StreamEvent {
  readonly id: string | undefined
  readonly event: string
  /** The parsed JSON; `undefined` if the data is none. */
  readonly data: unknown
}

/** The longest event that is read, in UTF-16 units. */
const LONGEST = 16_777_216

/** Reads server-sent events from chunks of text. `retryMs` is what the stream says about the pause before the next. */
export interface EventParser {
  /** Takes the next chunk. Throws if an event is longer than anything the routes send. */
  read(chunk: string): void
  readonly retryMs: number | undefined
}

/** Creates a parser that calls back for each event, in the order of the stream. */
export function createEventParser(onEvent: (event: StreamEvent) => void): EventParser {
  let rest = ''
  let retryMs: number | undefined
  const readBlock = (block: string): void => {
    const fields = fieldsOf(block)
    const retry = fields.get('retry')
    if (retry !== undefined && /^\d{1,6}$/.test(retry)) retryMs = Number(retry)
    const data = fields.get('data')
    if (data !== undefined)
      onEvent({ id: fields.get('id'), event: fields.get('event') ?? 'message', data: jsonOf(data) })
  }
  return {
    get retryMs() {
      return retryMs
    },
    read(chunk) {
      const blocks = (rest + chunk).replaceAll('\r\n', '\n').split('\n\n')
      rest = blocks.pop() ?? ''
      if (rest.length > LONGEST) throw new Error(`an event is larger than ${LONGEST} characters`)
      for (const block of blocks) readBlock(block)
    },
  }
}

/** Returns the fields of an event; several lines of data are one text. */
function fieldsOf(block: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    const [, name, value = ''] = /^([a-z]+)(?::\s?(.*))?$/.exec(line) ?? []
    if (name === undefined) continue
    const before = name === 'data' ? fields.get(name) : undefined
    fields.set(name, before === undefined ? value : `${before}\n${value}`)
  }
  return fields
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
