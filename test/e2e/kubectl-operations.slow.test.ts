/** A cluster of real processes, run as operators run one: with kubectl alone. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type ClusterProcesses,
  type Program,
  startClusterProcesses,
} from '#bench/cluster-processes.ts'
import { comparableOutput, hasKubectl, openShell, outputPattern, type Shell } from './kubectl.ts'
import {
  descriptions,
  figures,
  losingNode,
  scalingDown,
  scalingUp,
} from './kubectl-operations-reports.ts'
import {
  draining,
  gettingToKnow,
  labels,
  type OperationStep,
  settlingIn,
  taints,
  waiting,
} from './kubectl-operations-steps.ts'

/** Ample: the machine may have others to serve. */
const PATIENCE_MS = 60_000
const POLL_MS = 200

const isMissing = process.env.CI !== 'true' && !hasKubectl()

describe.skipIf(isMissing)(`operators${isMissing ? ' (skipped: no kubectl)' : ''}`, () => {
  let cluster: ClusterProcesses
  let shell: Shell
  let frail: Program

  beforeAll(async () => {
    cluster = await startClusterProcesses({
      server: {
        'default-unreachable-toleration-seconds': '1',
        'default-not-ready-toleration-seconds': '1',
      },
      controllers: {
        // Leases are renewed every ten seconds.
        'node-monitor-grace-period': '15s',
        'horizontal-pod-autoscaler-sync-period': '1s',
        'horizontal-pod-autoscaler-downscale-stabilization': '1s',
        'horizontal-pod-autoscaler-cpu-initialization-period': '0s',
        'horizontal-pod-autoscaler-initial-readiness-delay': '0s',
      },
    })
    await cluster.startNodes('steady', 3)
    frail = await cluster.startNodes('frail', 1)
    shell = await openShell(cluster.server, 'default')
  }, PATIENCE_MS)
  afterAll(() => cluster[Symbol.asyncDispose]())

  async function follow(steps: readonly OperationStep[]): Promise<void> {
    for (const step of steps) {
      const words = 'run' in step ? step.run : step.until
      const pattern = outputPattern(step.writes)
      const endsAt = performance.now() + ('run' in step ? 0 : PATIENCE_MS)
      let written = comparableOutput(await shell.run(words))
      while (!pattern.test(written) && performance.now() < endsAt) {
        await sleep(POLL_MS)
        written = comparableOutput(await shell.run(words))
      }
      // A failing comparison should show both texts, which a failing pattern does not.
      if (!pattern.test(written)) {
        expect.soft(written, `kubectl ${words}`).toBe(comparableOutput(step.writes))
      }
    }
  }

  test('find out where they are', () => follow(gettingToKnow))
  test('bring their workloads', () => follow(settlingIn))
  // What goes slowly begins here, and is looked at in the end.
  test('see load scale a Deployment up, and lose a node', async () => {
    await follow(scalingUp)
    await frail.kill()
  })
  test('label and annotate nodes', () => follow(labels))
  test('drain a node, as far as budgets let them', () => follow(draining))
  test('taint nodes', () => follow(taints))
  test('wait, and scale what is as they believe', () => follow(waiting))
  test('read why things are as they are', () => follow(descriptions))
  test('see what pods and nodes use', () => follow(figures))
  test('see pods leave a lost node, which can then be deleted', () => follow(losingNode))
  test('see a Deployment shrink when its load is gone', () => follow(scalingDown))
  test('find nothing else wrong', () => {
    const found = [...cluster.programs].flatMap(([name, { problems }]) =>
      problems.map((line) => `${name}: ${line}`),
    )
    expect(found).toEqual([])
  })
})
