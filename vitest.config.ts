import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^@model-canary\/core\/(judge|controller|adapter|webhook|webhook-receiver|folder-store)$/,
        replacement: source('./packages/core/src/$1.ts'),
      },
      {
        find: /^@model-canary\/(core|foundation|express|koa|fastify|testing|istio|prometheus|opentelemetry|openfeature|redis|real-servers)$/,
        replacement: source('./packages/$1/src/index.ts'),
      },
    ],
  },
  test: {
    env: { KUBERNETES_SERVICE_HOST: '', NODE_APP_INSTANCE: '' }, // a rollout in memory is told of them
    expect: { poll: { timeout: 20_000 } }, // the fact is what is tested; one second is often too short on a busy machine
    hookTimeout: 60_000, // a hook starts real servers, or builds a program
    onConsoleLog: (line) => (line.includes('decisions are not logged: ') ? false : undefined), // once in every file
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          testTimeout: 60_000, // whole rollouts, real servers and disks take several seconds on a busy machine
          typecheck: { enabled: true, include: ['packages/*/**/*.test-d.ts'], tsconfig: source('./tsconfig.json') },
        },
      },
      {
        extends: true,
        test: {
          name: 'examples',
          include: ['examples/*/test/**/*.test.ts'],
          testTimeout: 300_000, // whole programs play whole rollouts, and a test may wait for the programs of others
        },
      },
    ],
  },
})
