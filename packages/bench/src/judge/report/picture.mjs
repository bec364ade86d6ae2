// Draws docs/charts/evidence.svg: `npm run --prefix packages/bench bench:picture`.
import { writeFileSync } from 'node:fs'
import { evidencePicture } from './evidence-picture.mjs'

const FILE = new URL('../../../../../docs/charts/evidence.svg', import.meta.url)

writeFileSync(FILE, await evidencePicture())
