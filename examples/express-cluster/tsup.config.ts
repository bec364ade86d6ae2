import { defineConfig } from 'tsup'

/** One program, which is the primary process and each worker. */
export default defineConfig({
  entry: ['src/main.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
})
