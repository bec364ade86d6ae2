import { InvalidArgumentError } from 'commander'

/** The step that somebody has seen, as a verb takes it. */
export interface SeenStep {
  /** 0 is the warm-up, 1 the first step of the plan. */
  readonly step: number
  /** The number of the rollout; any if left out. */
  readonly epoch?: number
}

/** Returns what `--expect STEP[/EPOCH]` says. */
export function parseExpectedStep(text: string): SeenStep {
  const [, step, epoch] = /^(\d{1,6})(?:\/(\d{1,9}))?$/.exec(text) ?? []
  if (step === undefined) throw new InvalidArgumentError('It must be a step, or a step and an epoch, such as 2 or 2/1.')
  return { step: Number(step), ...(epoch !== undefined && { epoch: Number(epoch) }) }
}
