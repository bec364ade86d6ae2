import {
  type CanaryOptions,
  createCanary,
  type EvidenceJudgeOptions,
  evidenceJudge,
  type ThresholdJudgeOptions,
  thresholdJudge,
} from '@model-canary/core'
import { type Judge, welchTest } from '@model-canary/core/judge'
import { oneOf, refuseUnknown } from '@model-canary/foundation'
import { isRecord } from '../connection/records.js'
import { EXIT } from '../exit-codes.js'
import { failure } from '../failure.js'

/** The options of a rollout that a file can have: those of `createCanary` that are plain data. */
export type RolloutInFile = Pick<
  CanaryOptions,
  | 'plan'
  | 'guardrails'
  | 'judge'
  | 'warmUp'
  | 'bake'
  | 'maxDurationMs'
  | 'onStall'
  | 'mode'
  | 'intervalMs'
  | 'onSilence'
  | 'tripwire'
>

/** What a file holds. */
export interface RolloutFile {
  readonly rollout: RolloutInFile
  /** The traffic of the service, for simulations; `undefined` if the file does not say. */
  readonly traffic: unknown
}

const MEMBERS = {
  plan: 1,
  guardrails: 1,
  judge: 1,
  warmUp: 1,
  bake: 1,
  maxDurationMs: 1,
  onStall: 1,
  mode: 1,
  intervalMs: 1,
  onSilence: 1,
  tripwire: 1,
} as const satisfies { readonly [Name in keyof RolloutInFile]-?: 1 }

/** Returns what a file says, checked by the code that checks it in a service. Throws a `CanaryError`. */
export function readRolloutFile(path: string, file: Readonly<Record<string, unknown>>): RolloutFile {
  const { $schema: _, traffic, judge, ...plain } = file
  refuseUnknown(path, plain, MEMBERS)
  const rollout: RolloutInFile = { ...plain, ...(judge !== undefined && { judge: judgeIn(path, judge) }) }
  checkRollout(rollout)
  return { rollout, traffic }
}

/** Makes a canary of the options, which refuses what it cannot use, and throws it away. */
function checkRollout(rollout: RolloutInFile): void {
  const versions = { baseline: 'baseline', canary: 'canary' }
  void createCanary({ name: 'rollout', versions, logger: false, ...rollout }).close()
}

/** A judge is a function of its options, which a file names: `{ "kind": "evidence", "alpha": 0.01 }`. */
function judgeIn(path: string, judge: unknown): Judge {
  if (!isRecord(judge))
    throw failure(EXIT.usage, 'BAD_FILE', `${path}: judge must be an object such as {"kind":"evidence","alpha":0.01}`)
  const { kind, ...options } = judge
  if (oneOf(`${path}: judge.kind`, kind, ['evidence', 'threshold']) === 'evidence')
    return evidenceJudge(options as EvidenceJudgeOptions)
  const { test, ...others } = options
  if (test === undefined) return thresholdJudge(others as ThresholdJudgeOptions)
  oneOf(`${path}: judge.test`, test, ['welch'])
  return thresholdJudge({ ...(others as ThresholdJudgeOptions), test: welchTest() })
}
