import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'

/** Returns the content of a JSON file, or `undefined` if there is no such file. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : JSON.parse(text)
}

/** Replaces a JSON file as a whole. Readers see the old content or the new one, never a part of it. */
export async function writeJson(path: string, content: unknown): Promise<void> {
  const draft = `${path}.${randomUUID()}.draft`
  await writeFile(draft, JSON.stringify(content))
  await rename(draft, path)
}
