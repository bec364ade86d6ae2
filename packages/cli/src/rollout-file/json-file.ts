import { isRecord } from '../connection/records.js'
import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'
import { readBounded } from '../read-bounded.js'

/** The longest file of options, in bytes. */
const LONGEST = 1_048_576

/** Returns the object that a JSON file holds; `-` is standard input. */
export function readJsonFile(path: string): Readonly<Record<string, unknown>> {
  const text = readBounded(path, LONGEST)
  const value = parsed(path, text)
  if (isRecord(value)) return value
  throw failure(EXIT.usage, 'BAD_FILE', `${path} must hold a JSON object`)
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw failure(EXIT.usage, 'BAD_FILE', `${path} is not JSON: ${(error as Error).message}`)
  }
}
