import { defineConfig } from 'tsup'

/** Two programs: the demo, and the service that it runs in its own process. */
export default defineConfig({
  entry: ['src/demo.ts', 'src/service.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
  splitting: true,
  sourcemap: true,
})
