import { defineConfig } from 'tsup'

/** One program. */
export default defineConfig({
  entry: ['src/main.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
})
