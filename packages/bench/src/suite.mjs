// Runs one suite and sends its rows to the parent: `suite.mjs <name> quick|full`.
import { SUITES } from './suites/index.mjs'

const [name, extent] = process.argv.slice(2)
const isQuick = extent === 'quick'
const rows = await SUITES[name]({ isQuick, rounds: isQuick ? 12 : 60 })
process.send({ rows }, () => process.exit()) // a peer may have left a timer
