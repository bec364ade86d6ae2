import type { Report, SeenMember } from '@model-canary/core/controller'
import { reporting } from './broken-reports.fixture.js'
import type { Faults } from './fault.fixture.js'
import { fleetPlace } from './memory-place.fixture.js'
import type { StorePlace } from './place.js'

/** Changes the list of members. */
const listing = (change: (members: readonly SeenMember[]) => readonly SeenMember[]): StorePlace =>
  fleetPlace(({ fleet }) => ({ members: async (signal) => change(await fleet.members(signal)) }))

/** The faults in members. */
export const BROKEN_MEMBERS = {
  'lists the processes that reported, with what they said': [
    'leaves out what is null',
    () =>
      listing((members) =>
        members.map(
          (member) => Object.fromEntries(Object.entries(member).filter(([, value]) => value !== null)) as never,
        ),
      ),
  ],
  'lists processes with odd ids': [
    'trims ids',
    () => listing((members) => members.map((member) => ({ ...member, id: member.id.trim() }))),
  ],
  'lists what a process said last': [
    'keeps what a process said first',
    () => {
      const known = new Set<string>()
      return reporting(({ member, ...report }) => {
        const isFirst = !known.has(report.id)
        known.add(report.id)
        return { ...report, ...(isFirst && member && { member }) }
      })
    },
  ],
  'keeps what a process said where a report leaves it out': [
    'lists the processes whose latest report says who they are',
    () => {
      const said = new Set<string>()
      return fleetPlace(({ fleet }) => ({
        publish(report, tag, signal) {
          if (report.member === undefined) said.delete(report.id)
          else said.add(report.id)
          return fleet.publish(report, tag, signal)
        },
        members: async (signal) => (await fleet.members(signal)).filter(({ id }) => said.has(id)),
      }))
    },
    ['does not list a process that has not reported for a minute'],
  ],
  'does not list what an older report says': [
    'takes what an older report says',
    () => {
      const said = new Map<string, Report['member']>()
      return fleetPlace(({ fleet }) => ({
        publish(report, tag, signal) {
          if (report.member !== undefined) said.set(report.id, report.member)
          return fleet.publish(report, tag, signal)
        },
        members: async (signal) =>
          (await fleet.members(signal)).map((member) => ({ ...member, ...said.get(member.id) })),
      }))
    },
  ],
  'does not list a process that has not reported for a minute': [
    'lists every process that ever reported',
    () => {
      const seen = new Map<string, SeenMember>()
      return fleetPlace(({ fleet }) => ({
        async publish(report, tag, signal) {
          const answer = await fleet.publish(report, tag, signal)
          for (const member of await fleet.members(signal)) seen.set(member.id, member)
          return answer
        },
        members: async () => [...seen.values()],
      }))
    },
  ],
} as const satisfies Faults
