/** What kubelets say is read with care, and becomes rates. */
import { expect, test } from 'vitest'
import { rateOf, readSummary } from './node-summary.ts'

const time = '2026-01-01T00:00:10Z'
const figures = (cpuNs: number, bytes: number, more: object = {}) => ({
  cpu: { time, usageCoreNanoSeconds: cpuNs, ...more },
  memory: { time, workingSetBytes: bytes },
})

test('a summary is figures by pod and container', () => {
  const summary = readSummary({
    node: { nodeName: 'n', ...figures(5, 6, { usageNanoCores: 7 }) },
    pods: [
      {
        podRef: { uid: 'u' },
        containers: [{ name: 'a', ...figures(1, 2) }, { name: 'b', cpu: {}, memory: {} }, null],
      },
    ],
  })
  const atMs = Date.parse(time)
  expect(summary.node).toEqual({ atMs, cpuNs: 5, workingSetBytes: 6, nanoCores: 7 })
  const { containers } = summary.pods.get('u')!
  const a = { atMs, cpuNs: 1, workingSetBytes: 2, nanoCores: undefined }
  expect([...containers]).toEqual([['a', a]])
})

test.for([undefined, null, 7, 'x', {}, { pods: 'x' }, { node: { cpu: 1 } }])(
  '%j says nothing',
  (document) => {
    expect(readSummary(document)).toEqual({ node: undefined, pods: new Map() })
  },
)

const usage = (atMs: number, cpuNs: number, nanoCores?: number) => ({
  ...{ atMs, cpuNs, nanoCores, workingSetBytes: 0 },
})

test.for([
  {
    name: 'between two measurements',
    before: usage(0, 0),
    now: usage(10_000, 5e9),
    rate: { nanoCores: 5e8, windowMs: 10_000 },
  },
  {
    name: 'as the kubelet says',
    before: undefined,
    now: usage(10_000, 5e9, 7),
    rate: { nanoCores: 7, windowMs: 1000 },
  },
  { name: 'nobody knows', before: undefined, now: usage(10_000, 5e9), rate: undefined },
  {
    name: 'the container has begun anew',
    before: usage(0, 6e9),
    now: usage(10_000, 5e9, 7),
    rate: { nanoCores: 7, windowMs: 1000 },
  },
])('rateOf(): $name', ({ before, now, rate }) => {
  expect(rateOf(before, now)).toEqual(rate)
})
