import { defineConfig } from 'tsup'

/** One program, run once a minute. */
export default defineConfig({
  entry: ['src/cron.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
})
