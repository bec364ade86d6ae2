import { parentPort, workerData } from 'node:worker_threads'
import { type Job, runJob, type SimulationInput, scenariosIn } from './simulating/runner.js'

// A thread that simulates the rollouts that it is asked for, one after the other.

const scenarios = scenariosIn(workerData as SimulationInput)
parentPort?.on('message', async (job: Job) => parentPort?.postMessage(await runJob(scenarios, job)))
