import { defineConfig } from 'tsup'

/** Two programs: one version of the service, and the controller that moves the traffic between two versions. */
export default defineConfig({
  entry: ['src/serve.ts', 'src/control.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
})
