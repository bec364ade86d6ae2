import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'vitest'

/** The limit of a test, in milliseconds: a busy disk needs longer than other tests may take. */
const PATIENCE_MS = 60_000

/** Registers a test with a folder of its own. */
export const inFolder = (name: string, act: (path: string) => Promise<void>): void =>
  it(
    name,
    async () => {
      const path = await mkdtemp(join(tmpdir(), 'folder-store-'))
      try {
        await act(path)
      } finally {
        await rm(path, { recursive: true })
      }
    },
    PATIENCE_MS,
  )
