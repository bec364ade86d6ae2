// The strategy contract under node:test, as a user of that runner calls it.
import { it } from 'node:test'
import { strategyContract } from '@model-canary/testing'

const randomStrategy = ({ random }) => ({
  name: 'inline',
  unit: 'request',
  pick: (_request, weight) => (random() * 100 < weight ? 'canary' : 'baseline'),
})

strategyContract({ it }, 'inline', randomStrategy, { sticky: false })
