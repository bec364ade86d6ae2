import { evidenceOverTime } from './evidence.mjs'
import { evidencePath } from './evidence-path.mjs'

/** A good and a harmful canary. Other seeds give other lines with the same ends, after more or less time. */
const ROLLOUTS = [
  { title: 'A good canary: 1 % errors, as the baseline', canary: { errorRate: 0.01, seed: 2 } },
  { title: 'A harmful canary: 4 % errors, 3 points more than the baseline', canary: { errorRate: 0.04, seed: 3 } },
]

/** Simulates two rollouts, and returns the picture of their evidence as SVG. */
export async function evidencePicture() {
  const rollouts = []
  for (const { title, canary } of ROLLOUTS) rollouts.push({ title, path: await evidencePath(canary) })
  return evidenceOverTime(rollouts)
}
