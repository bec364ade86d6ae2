import { defineConfig } from 'tsup'

/** The program, and what it runs in its threads. */
export default defineConfig({
  entry: ['src/main.ts', 'src/simulation-worker.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
})
