export const START_MASS = 0.5
export const STEP_MASS = 0.06
export const MOST_STEP_MASSES = 4
export function tickMass(tick: number): number {
  return 0.379 / (tick + 10) ** 1.5
}
