/** Figures of a node in all the forms in which they are asked for. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { driven } from '#test/drive-clock.ts'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import type { ContainerFigures, ObservedPod, Runtime } from '../runtime.ts'
import { cadvisorText } from './cadvisor-metrics.ts'
import { directoryUsage } from './directory-usage.ts'
import { type NodeFigures, networksIn, processorFigures } from './node-figures.ts'
import { resourceText } from './resource-metrics.ts'
import { type Snapshot, Statistics } from './statistics.ts'
import { summaryOf } from './summary.ts'

test('time of processors, without what they waited', () => {
  const stat = 'cpu  100 10 50 900 30 5 5 2 0 0\ncpu0 1\ncpu1 2\nbtime 1700000000\n'
  expect(processorFigures(stat)).toEqual({
    cpuNs: 172 * 10_000_000,
    bootedAtMs: 1_700_000_000_000,
    cpus: 2,
  })
})

test('networks of the node, without its loopback', () => {
  const text = `Inter-|   Receive                            |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0
  eth0:100 2 3 0 0 0 0 0 400 5 6 0 0 0 0 0
`
  expect(networksIn(text)).toEqual([
    { interface: 'eth0', receivedBytes: 100, receiveErrors: 3, sentBytes: 400, sendErrors: 6 },
  ])
})

const NODE: NodeFigures = {
  ...{ atMs: 0, cpuNs: 0, memoryBytes: 1000, availableBytes: 400, usageBytes: 700 },
  ...{ workingSetBytes: 600, rssBytes: 300, pageFaults: 1, majorPageFaults: 0 },
  ...{ swapUsedBytes: 0, swapAvailableBytes: 0, bootedAtMs: 0, cpus: 2, networks: [] },
  ...{ processes: 9, processesMax: 100 },
}

const figures = (id: string, atMs: number, cpuNs: number): ContainerFigures => ({
  ...{ id, atMs, cpuNs, memoryBytes: 80, workingSetBytes: 60, rssBytes: 40 },
  ...{ pageFaults: 3, majorPageFaults: 1, processes: 2, writableLayerBytes: 4096 },
})

const observed: ObservedPod = {
  pod: { uid: 'u', name: 'p', namespace: 'shop' },
  sandboxes: [],
  containers: [
    {
      ...{ id: 'c1', sandboxId: 's', name: 'main', attempt: 0, hash: '', image: 'web:1' },
      ...{ imageId: 'i', state: 'running', createdAtMs: 0, startedAtMs: 5000 },
      ...{ isOutOfMemory: false, labels: {} },
    },
  ],
}

interface Measured extends AsyncDisposable {
  readonly clock: ManualClock
  readonly statistics: Statistics
  readonly root: string
  measurements: number
}

async function startStatistics(): Promise<Measured> {
  const directory = await temporaryDirectory()
  const clock = new ManualClock()
  const network = {
    ...{ interface: 'eth0', receivedBytes: 5, receiveErrors: 0, sentBytes: 6, sendErrors: 0 },
  }
  const runtime = {
    list: async () => [observed],
    info: async () => ({ rootDirectory: directory.path }),
    images: { list: async () => [{ sizeBytes: 7 }] },
    figures: async () => {
      measured.measurements++
      const atMs = clock.now()
      // Half a processor.
      return [{ uid: 'u', containers: [figures('c1', atMs, clock.monotonic() * 5e5)], network }]
    },
  } as unknown as Runtime
  const measured = {
    clock,
    root: directory.path,
    measurements: 0,
    statistics: new Statistics({
      ...{ nodeName: 'n1', runtime, clock, rootDirectory: directory.path, pods: { all: () => [] } },
      readNode: async (nowMs) => ({ ...NODE, atMs: nowMs, cpuNs: clock.monotonic() * 1e6 }),
    }),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  }
  return measured
}

test('the first question is answered with rates too, and many at once are one measurement', async () => {
  await using measured = await startStatistics()
  const { clock, statistics } = measured
  const ask = () => statistics.read({ volumes: false })
  const [first] = await driven(clock, Promise.all([ask(), ask(), ask()]))
  expect(first.nodeNanoCores).toBe(1e9)
  expect(first.pods[0]?.containers[0]?.nanoCores).toBe(5e8)
  expect(measured.measurements).toBe(2)
  clock.jump(15_000)
  const next = await ask()
  expect(next.pods[0]?.containers[0]?.nanoCores).toBe(5e8)
  expect(measured.measurements).toBe(3)
  await ask()
  expect(measured.measurements).toBe(3)
})

async function snapshot(): Promise<Snapshot> {
  await using measured = await startStatistics()
  return await driven(measured.clock, measured.statistics.read({ volumes: true }))
}

test('a summary has pods as the sums of their containers', async () => {
  const summary = summaryOf(await snapshot(), false) as Record<string, unknown>
  expect(summary.node).toMatchObject({
    nodeName: 'n1',
    cpu: { usageNanoCores: 1e9 },
    memory: { availableBytes: 400, workingSetBytes: 600 },
    runtime: { imageFs: { usedBytes: 7 } },
    rlimit: { maxpid: 100, curproc: 9 },
  })
  expect(summary.pods).toMatchObject([
    {
      podRef: { name: 'p', namespace: 'shop', uid: 'u' },
      cpu: { usageNanoCores: 5e8 },
      memory: { workingSetBytes: 60 },
      network: { name: 'eth0', rxBytes: 5, txBytes: 6 },
      'ephemeral-storage': { usedBytes: 4096 },
      process_stats: { process_count: 2 },
      containers: [{ name: 'main', rootfs: { usedBytes: 4096 } }],
    },
  ])
})

test('a short summary has processors and memory alone', async () => {
  const { node, pods } = summaryOf(await snapshot(), true) as { node: object; pods: object[] }
  expect(Object.keys(node)).toEqual(['nodeName', 'startTime', 'cpu', 'memory'])
  expect(Object.keys(pods[0]!)).toEqual(['podRef', 'startTime', 'containers', 'cpu', 'memory'])
})

test('figures for Prometheus have the labels that dashboards know', async () => {
  const taken = await snapshot()
  const resource = resourceText(taken)
  expect(resource).toMatch(
    /^container_memory_working_set_bytes\{container="main",namespace="shop",pod="p"\} 60 \d+$/m,
  )
  expect(resource).toMatch(/^pod_cpu_usage_seconds_total\{namespace="shop",pod="p"\} 0\.5 \d+$/m)
  expect(resource).toMatch(/^# TYPE node_cpu_usage_seconds_total counter$/m)
  const cadvisor = cadvisorText(taken)
  expect(cadvisor).toMatch(
    /^container_cpu_usage_seconds_total\{container="main",cpu="total",id="[^"]*",image="web:1",name="c1",namespace="shop",pod="p"\} 0\.5 \d+$/m,
  )
  expect(cadvisor).toMatch(/^container_network_receive_bytes_total\{.*interface="eth0".*\} 5 \d+$/m)
})

test('the files of a directory are counted once each', async () => {
  await using directory = await temporaryDirectory()
  await writeFile(join(directory.path, 'a'), Buffer.alloc(100_000, 1))
  const { usedBytes, inodesUsed } = await directoryUsage(directory.path)
  expect(inodesUsed).toBe(2)
  expect(usedBytes).toBeGreaterThanOrEqual(100_000)
  expect(await directoryUsage(join(directory.path, 'none'))).toEqual({
    usedBytes: 0,
    inodesUsed: 0,
  })
})
