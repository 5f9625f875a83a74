/** How tests run: quick ones and slow ones are two projects, told apart by their names. */
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const SLOW = '**/*.slow.test.ts'

/** Set by .ci/run, which counts tests from these reports. */
const reports = process.env.TEST_REPORT_DIR

export default defineConfig({
  test: {
    reporters: reports ? ['default', 'json'] : ['default'],
    ...(reports && { outputFile: { json: join(reports, `${process.pid}.json`) } }),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', SLOW],
          pool: 'threads',
          isolate: false,
          // One for each processor: tests wait for disks and sockets half of the time.
          maxWorkers: '100%',
          // Ample: a machine under load is no reason to fail, and nothing here waits for time.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'slow',
          include: [SLOW],
          exclude: ['node_modules/**'],
          pool: 'forks',
          // They use whole processes, disks and cores; side by side they would disturb each other.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
