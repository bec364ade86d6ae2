import type { StoreRule } from '../store-contract.js'
import { BROKEN_FOLLOWERS } from './broken-followers.fixture.js'
import { BROKEN_LEASES } from './broken-leases.fixture.js'
import { BROKEN_MEMBERS } from './broken-members.fixture.js'
import { BROKEN_POINTS } from './broken-points.fixture.js'
import { BROKEN_REPORTS } from './broken-reports.fixture.js'
import { BROKEN_WRITES } from './broken-writes.fixture.js'
import type { Fault } from './fault.fixture.js'
import type { NoReportRule } from './no-report-rules.js'

/** The fault that each rule finds, but for those that no store with reports keeps. */
export const BROKEN_STORES: Readonly<Record<Exclude<StoreRule, NoReportRule>, Fault>> = {
  ...BROKEN_WRITES,
  ...BROKEN_FOLLOWERS,
  ...BROKEN_LEASES,
  ...BROKEN_REPORTS,
  ...BROKEN_MEMBERS,
  ...BROKEN_POINTS,
}
