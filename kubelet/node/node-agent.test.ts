/** A node tells of itself at once when it registers, and soon when it becomes ready. */
import { expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import { Event as CoreEvent } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { LOCAL_PATH_DIRECTORY } from '#api/rules/local-path-volume.ts'
import { EventReporter } from '#client/events.ts'
import { startTestServer } from '#test/api-server.ts'
import { connect } from '#test/connect.ts'
import { capacityOf } from './capacity.ts'
import { NodeAgent } from './node-agent.ts'
import type { NodeState } from './node-facts.ts'

const state: NodeState = {
  info: {
    name: 'docker',
    version: '1',
    apiVersion: '1',
    operatingSystem: 'linux',
    osImage: 'image',
    kernelVersion: '6',
    architecture: 'amd64',
    cpus: 1,
    memoryBytes: 1,
    cgroupVersion: 2,
    rootDirectory: '/',
    lacks: [],
  },
  ids: { machineID: 'm', systemUUID: 's', bootID: 'b' },
  images: [],
  problems: [],
  pressures: new Set(),
}

const settings = {
  name: 'n1',
  labels: {},
  taints: [],
  providerId: undefined,
  addresses: [],
  port: 10_250,
  podsMax: 110,
  registers: true,
  localPathDirectory: '/data/local-path',
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Amounts that the API server would write otherwise, were they not canonical. */
const capacity = capacityOf({
  info: { cpus: 1, memoryBytes: 2 ** 30 },
  diskBytes: 2 ** 40,
  podsMax: 110,
})

async function startAgent(read: () => Promise<NodeState>) {
  await using started = new AsyncDisposableStack()
  const server = started.use(await startTestServer())
  const connected = started.use(connect(server.url))
  const { client, clock, random, log } = connected
  const reporter = started.use(new EventReporter({ client, clock, random, log }))
  const agent = started.use(
    new NodeAgent({
      ...{ client, clock, random, log, settings, read },
      events: reporter.for('kubelet'),
      seen: () => undefined,
      amounts: () => ({ capacity, allocatable: capacity }),
    }),
  )
  await agent.start(new AbortController().signal)
  const all = started.move()
  return {
    ...{ client, clock, reporter, logged: connected.logged },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

test('a node that becomes ready says so within a second, and where volumes may lie', async () => {
  let problems = ['pod network: this node has no podCIDR yet']
  let reads = 0
  await using agent = await startAgent(async () => {
    reads++
    return { ...state, problems }
  })
  const { client, clock } = agent
  const node = await client.get(Node, { name: 'n1' })
  expect(node.metadata.annotations?.[LOCAL_PATH_DIRECTORY]).toBe('/data/local-path')
  expect(findCondition(node.status.conditions, 'Ready')?.status).toBe('False')
  problems = []
  const ready = async (): Promise<boolean> => {
    const { status } = await client.get(Node, { name: 'n1' })
    return findCondition(status.conditions, 'Ready')?.status === 'True'
  }
  await clock.advance(999)
  while (!(await ready())) await turn()
  const readsThen = reads
  await clock.advance(5000)
  await turn()
  expect(reads).toBe(readsThen)
})

test('who cordons a node reads of it in its events', async () => {
  await using agent = await startAgent(async () => state)
  const { client, clock, reporter } = agent
  const reasons = async (): Promise<readonly string[]> => {
    await reporter.settled()
    const events = await client.list(CoreEvent, { namespace: 'default' })
    return events.flatMap(({ reason }) => (reason?.endsWith('Schedulable') ? [reason] : []))
  }
  for (const [unschedulable, wanted] of [
    [true, ['NodeNotSchedulable']],
    [false, ['NodeNotSchedulable', 'NodeSchedulable']],
  ] as const) {
    await client.patch(Node, { name: 'n1' }, { spec: { unschedulable } }, { type: 'merge' })
    await clock.advance(10_000)
    while ((await reasons()).length < wanted.length) await turn()
    expect((await reasons()).toSorted()).toEqual(wanted)
  }
})

test('a node that is deleted stays away', async () => {
  await using agent = await startAgent(async () => state)
  const { client, clock, logged } = agent
  await client.delete(Node, { name: 'n1' })
  for (let round = 0; round < 3; round++) {
    const before = logged.length
    await clock.advance(10_000)
    while (logged.length === before) await turn()
  }
  expect(await client.find(Node, { name: 'n1' })).toBeUndefined()
  expect(logged.join()).toContain('status of the node not reported')
})

test('a node without news is not reported again before five minutes have passed', async () => {
  let reads = 0
  await using agent = await startAgent(async () => {
    reads++
    return state
  })
  const { client, clock } = agent
  const version = async () => (await client.get(Node, { name: 'n1' })).metadata.resourceVersion
  const lookAgain = async (): Promise<void> => {
    const before = reads
    await clock.advance(10_000)
    while (reads === before) await turn()
  }
  const first = await version()
  for (let round = 0; round < 5; round++) await lookAgain()
  expect(await version()).toBe(first)
  await clock.advance(290_000)
  while ((await version()) === first) await turn()
})
