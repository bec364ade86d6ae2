import { CanaryError } from '../foundation/errors.js'
import { isRecord, LONGEST_NAME } from '../foundation/options.js'
import type { Versions } from '../foundation/vocabulary.js'
import type { Guardrail } from '../guardrails/guardrail.js'
import { readOutbox } from './outbox.js'
import { readAnswered, readCalibration, readCumulative } from './read-counts.js'
import { readChecks, readHistory, readTurns } from './read-decisions.js'
import { readState } from './read-state.js'
import { readReleases } from './releases.js'
import type { RolloutState } from './state.js'
import { damaged, isCount, isName, isTime } from './stored-forms.js'
import { SCHEMA, type StoredRollout } from './stored-rollout.js'
import { readPasts } from './version-past.js'

/** The most steps of a stored plan. */
const MOST_STEPS = 1_000

/**
 * Reads a rollout from a store, which may hold anything.
 *
 * Throws `INVALID_STATE` with the name of the member if a member is invalid that a rollout must obey. Any other invalid
 * member is left out, or gets the value of a new rollout. Unknown members are kept. A list is copied only if an entry
 * is left out, because a store is read at each of its messages.
 */
export function readStored(value: unknown): StoredRollout {
  if (!isRecord(value)) throw damaged('rollout', 'an object', value)
  refuseOtherSchema(value.schema)
  const { name, revision, tag, config } = value
  if (!isName(name)) throw damaged('name', `a string of 1 to ${LONGEST_NAME} characters`, name)
  if (!isCount(revision)) throw damaged('revision', 'a whole number from 0 up', revision)
  if (!isName(tag)) throw damaged('tag', `a string of 1 to ${LONGEST_NAME} characters`, tag)
  const versions = readVersions(value.versions)
  const history = readHistory(value.history)
  const weights = readWeights(value.weights)
  const state = readState(value.state, weights.length)
  const savedAt = isTime(value.savedAt) ? value.savedAt : 0
  const { answered: _, truncated: __, pasts: ___, outbox: ____, ended: _____, more, ...others } = value
  const answered = readAnswered(value.answered)
  const pasts = readPasts(value.pasts)
  const outbox = readOutbox(value.outbox)
  const ended = readReleases(value.ended)
  return {
    ...(others as unknown as StoredRollout),
    schema: SCHEMA,
    ...{ tag, name, versions, weights, revision, savedAt },
    decided: isCount(value.decided) ? value.decided : (history.at(-1)?.sequence ?? 0),
    fence: isCount(value.fence) ? value.fence : 0,
    config: typeof config === 'string' ? config : '',
    openedAt: isTime(value.openedAt) ? value.openedAt : savedAt,
    ...readEvidence(value, state),
    guardrails: readGuardrails(value.guardrails),
    calibration: readCalibration(value.calibration),
    ...(answered && { answered }),
    checks: readChecks(value.checks),
    history,
    turns: readTurns(value.turns),
    ...(value.truncated === true && { truncated: true }),
    ...(pasts.length > 0 && { pasts }),
    ...(outbox && { outbox }),
    ...(ended.length > 0 && { ended }),
    ...(isRecord(more) && Object.keys(more).length > 0 && { more }),
  }
}

function refuseOtherSchema(schema: unknown): void {
  if (schema === SCHEMA) return
  if (!isCount(schema) || schema < SCHEMA) throw damaged('schema', `${SCHEMA}`, schema)
  throw new CanaryError(
    'INVALID_STATE',
    `a newer release stored it: the state has schema ${schema}, and this release reads schema ${SCHEMA}; ` +
      'update this service, or finish the rollout with the newer release',
  )
}

function readVersions(value: unknown): Versions {
  if (!isRecord(value)) throw damaged('versions', '{ baseline, canary }', value)
  const { baseline, canary } = value
  if (!isName(baseline)) throw damaged('versions.baseline', 'the name of a version', baseline)
  if (!isName(canary)) throw damaged('versions.canary', 'the name of a version', canary)
  return { baseline, canary }
}

function readWeights(value: unknown): readonly number[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_STEPS) {
    throw damaged('weights', `a list of 1 to ${MOST_STEPS} weights`, value)
  }
  const wrong = value.findIndex((weight) => !(isTime(weight) && weight <= 100))
  if (wrong >= 0) throw damaged(`weights[${wrong}]`, 'a number from 0 to 100', value[wrong])
  return value
}

/**
 * Returns the state, the evidence and the counts that belong to it. Without valid counts, or without the time from
 * which they were taken, the next look counts the whole step, and what was counted before must not stay.
 */
function readEvidence(
  { evidence = null, cumulative: given, openedAt }: Readonly<Record<string, unknown>>,
  state: RolloutState,
): Pick<StoredRollout, 'state' | 'evidence' | 'cumulative'> {
  const cumulative = readCumulative(given)
  const isUnknown = cumulative === undefined || !isTime(openedAt)
  if (!isUnknown) return { state, evidence, cumulative }
  return { state: { ...state, requests: { baseline: 0, canary: 0 } }, evidence: null, cumulative: null }
}

/** The guardrails are resolved when the rollout is taken up. */
function readGuardrails(value: unknown): readonly Guardrail[] {
  if (!Array.isArray(value)) throw damaged('guardrails', 'a list of guardrails', value)
  return value
}
