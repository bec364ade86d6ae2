import { expect, vi } from 'vitest'

/** So long a fact may take to come true on a machine that is busy, in milliseconds. */
const PATIENCE_MS = 20_000

vi.setConfig({ testTimeout: PATIENCE_MS + 10_000 })

/** Waits until a fact is what the matcher after it says. */
export const eventually = <T>(fact: () => T) => expect.poll(fact, { timeout: PATIENCE_MS, interval: 10 })
