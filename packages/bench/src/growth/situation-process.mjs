// Measures one situation, and sends what it found to the parent: `situation-process.mjs <name> quick|full`.
import { measure } from './measure.mjs'
import { SITUATIONS } from './situations.mjs'

const [name, extent] = process.argv.slice(2)
process.send(await measure(SITUATIONS[name], extent))
