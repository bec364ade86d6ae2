import { equal, rejects } from 'node:assert/strict'
import type { StateStore } from '@model-canary/core/controller'
import type { PlayAt } from '../contract-places.js'
import type { StorePlace } from './place.js'
import { startProcess } from './process.js'
import { reportOf } from './reports.js'

/** What holds for a store whose fleet has leases alone. */
export function noReportRules(play: PlayAt<StateStore, StorePlace>) {
  return {
    'says that it keeps no reports, and rejects them': play(async (stage) => {
      const { fleet } = await stage.open()
      equal(fleet?.hasReports, false, 'fleet.hasReports must be false, so that createCanary refuses the store')
      const { publish, collect } = await startProcess(stage)
      const report = reportOf('one', 1)
      await rejects(publish(report), 'publish() must reject, or counts are lost without a word')
      await rejects(collect(report, ''), 'collect() must reject, or the judge takes nothing for a count')
    }),
  }
}

/** The names of these rules. */
export type NoReportRule = keyof ReturnType<typeof noReportRules>
