import type { Member, Report, Visit } from '@model-canary/core/controller'

/** The stay that most reports are about. */
export const STAY: Visit = { epoch: 1, visit: 1 }

/** Returns the report of a process, with counts that name it and its number. */
export const reportOf = (id: string, seq: number, members: Partial<Report> = {}): Report => ({
  ...STAY,
  id,
  seq,
  fast: `counts ${seq} of ${id}`,
  ...members,
})

/** Returns what a process says of itself. */
export const memberOf = (id: string, members: Partial<Member> = {}): Member => ({
  id,
  library: '1.2.3',
  config: 'plan',
  isWarm: true,
  tag: 'a',
  weight: 10,
  ...members,
})
