/** A node tells of itself at once when it registers, and soon when it becomes ready. */
import { expect, test } from 'vitest'
import { findCondition } from '#api/conditions.ts'
import { Node } from '#api/kinds/core/node.ts'
import { LOCAL_PATH_DIRECTORY } from '#api/rules/local-path-volume.ts'
import { EventReporter } from '#client/events.ts'
import { startTestServer } from '#test/api-server.ts'
import { connect } from '#test/connect.ts'
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

test('a node that becomes ready says so within a second, and where volumes may lie', async () => {
  await using server = await startTestServer()
  await using connected = connect(server.url)
  const { client, clock, random, log } = connected
  await using reporter = new EventReporter({ client, clock, random, log })
  let problems = ['pod network: this node has no podCIDR yet']
  let reads = 0
  await using agent = new NodeAgent({
    ...{ client, clock, random, log, settings },
    events: reporter.for('kubelet'),
    seen: () => undefined,
    amounts: () => ({ capacity: { cpu: '1' }, allocatable: { cpu: '1' } }),
    async read() {
      reads++
      return { ...state, problems }
    },
  })
  await agent.start(new AbortController().signal)
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
