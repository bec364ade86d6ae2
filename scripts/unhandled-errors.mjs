import { writeFileSync } from 'node:fs'

/** A reporter of vitest that writes the errors which no test caught: they fail a run, and vitest's own report lacks them. */
export default function createReporter() {
  return {
    onTestRunEnd(_modules, errors) {
      const written = errors.map(({ name, message, VITEST_TEST_PATH: file, VITEST_TEST_NAME: test }) => ({
        file,
        test,
        message: `${name}: ${message}`,
      }))
      writeFileSync(process.env.UNHANDLED_REPORT, JSON.stringify(written))
    },
  }
}
