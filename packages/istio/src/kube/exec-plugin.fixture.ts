import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes a plugin that runs a piece of JavaScript, and returns the `exec` entry that calls it.
 *
 * `answer(status)` in the script writes an ExecCredential of the requested version; `info` is the plugin's input.
 */
export function writePlugin(folder: string, script: string, more: object = {}): object {
  const path = join(folder, 'plugin.cjs')
  const prelude = `
    const fs = require('node:fs')
    const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO)
    const answer = (status) => process.stdout.write(JSON.stringify({ ...info, spec: {}, status }))
    fs.appendFileSync(${JSON.stringify(join(folder, 'runs'))}, 'x')
  `
  writeFileSync(path, prelude + script)
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: [path],
    interactiveMode: 'Never',
    ...more,
  }
}
