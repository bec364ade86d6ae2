import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Writes files into a new folder, which goes with the test. Returns the path of a file by its name. */
export function folderWith(files: Readonly<Record<string, string | object>>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'model-canary-files-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return (name) => join(folder, name)
}
