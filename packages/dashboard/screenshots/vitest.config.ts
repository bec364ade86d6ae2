import { defineConfig } from 'vitest/config'
import root from '../../../vitest.config.js'

/** The pictures are taken by `npm run screenshots`; they are no tests. */
export default defineConfig({
  ...root,
  test: { include: ['packages/dashboard/screenshots/take.ts'], testTimeout: 120_000, hookTimeout: 240_000 },
})
