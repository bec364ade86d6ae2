import { defineConfig } from 'tsup'

/** Two programs: one version of the service, and what moves the traffic between two of them. */
export default defineConfig({
  entry: ['src/serve.ts', 'src/control.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
})
