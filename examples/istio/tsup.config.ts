import { defineConfig } from 'tsup'

/** Two programs: the controller, and what writes its manifests. */
export default defineConfig({
  entry: ['src/control.ts', 'src/write-manifests.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
})
