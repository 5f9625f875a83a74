/** The scheduler as a process, with the certificate and the role that the API server gives it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Lease } from '#api/kinds/coordination/lease.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Event } from '#api/kinds/events/event.ts'
import { startServerProcess } from '#bench/server-process.ts'
import { Connection } from '#client/connection.ts'
import { Client } from '#client/rest.ts'
import { systemClock as clock } from '#daemon/clock.ts'

const program = fileURLToPath(new URL('../scheduler/main.ts', import.meta.url))
const resources = { cpu: '4', memory: '4Gi', pods: '10' }

test('it is elected, binds pods, says why others wait, and stops in order', async () => {
  const flags = { 'disable-admission-plugins': 'ServiceAccount,TaintNodesByCondition' }
  await using server = await startServerProcess({ tls: false, flags })
  await using connection = new Connection({ server: server.url, userAgent: 'tester', clock })
  const client = new Client({ connection, namespace: 'default' })
  await client.create(Node, { metadata: { name: 'n1' }, status: { allocatable: resources } })
  for (const [name, cpu] of [
    ['fits', '1'],
    ['large', '9'],
  ] as const) {
    const container = { name: 'main', image: 'image', resources: { requests: { cpu } } }
    await client.create(Pod, { metadata: { name }, spec: { containers: [container] } })
  }
  const kubeconfig = join(server.directory, 'data/pki/scheduler.kubeconfig')
  const given = [`--kubeconfig=${kubeconfig}`, '--monitoring-port=0', '--logging-format=json']
  const child = spawn(process.execPath, [program, ...given], { stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => output.push(text.toString()))
  }
  const eventsSeen = async () =>
    (await client.list(Event, { namespace: 'default' }))
      .filter(({ regarding }) => regarding?.kind === 'Pod')
      .map(({ regarding, reason, note }) => `${regarding?.name} ${reason}: ${note}`)
      .sort()
  const reported = [
    'fits Scheduled: Successfully assigned default/fits to n1',
    'large FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. preemption: ' +
      '0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  ]
  await expect.poll(eventsSeen, { timeout: 30_000 }).toEqual(reported)
  expect((await client.get(Pod, { name: 'fits' })).spec.nodeName).toBe('n1')
  const lease = await client.get(Lease, { name: 'kube-scheduler', namespace: 'kube-system' })
  expect(lease.spec.holderIdentity).not.toBe('')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(
    output
      .join('')
      .split('\n')
      .filter((line) => /"level":"(warn|error|fatal)"/.test(line)),
  ).toEqual([])
})
