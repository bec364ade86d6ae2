// Writes the generated files of manifests/. Run it after names.ts has changed.
import { writeFile } from 'node:fs/promises'
import { manifestFiles } from './manifests.js'

for (const [name, yaml] of Object.entries(manifestFiles)) {
  await writeFile(new URL(`../manifests/${name}`, import.meta.url), yaml)
}
