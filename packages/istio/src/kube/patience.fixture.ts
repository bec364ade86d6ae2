import { expect, vi } from 'vitest'

/** How long a condition may take to become true on a busy machine, in milliseconds. */
const PATIENCE_MS = 20_000

vi.setConfig({ testTimeout: PATIENCE_MS + 10_000 })

/** Waits until a value matches. */
export const eventually = <T>(fact: () => T) => expect.poll(fact, { timeout: PATIENCE_MS, interval: 10 })
