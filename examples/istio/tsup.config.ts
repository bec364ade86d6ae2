import { defineConfig } from 'tsup'

/** Two programs: the controller, and the one that writes its manifests. */
export default defineConfig({
  entry: ['src/control.ts', 'src/write-manifests.ts'],
  format: 'esm',
  target: 'node20',
  clean: true,
})
