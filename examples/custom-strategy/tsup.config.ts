import { defineConfig } from 'tsup'

/** One module, for tests with plain Node. */
export default defineConfig({
  entry: ['src/staff-first.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
})
