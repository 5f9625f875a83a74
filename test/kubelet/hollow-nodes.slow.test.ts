/** Many nodes that only pretend, in one process beside an API server of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { hasConditionStatus } from '#api/conditions.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { startServerProcess } from '#bench/server-process.ts'
import { Connection } from '#client/connection.ts'
import { Client } from '#client/rest.ts'
import { systemClock as clock } from '#daemon/clock.ts'

const program = fileURLToPath(new URL('../../kubelet/main.ts', import.meta.url))
const NODES = 50
const PODS = 200
const PATIENCE_MS = 60_000

test('fifty nodes run two hundred pods', async () => {
  const flags = { 'disable-admission-plugins': 'ServiceAccount,TaintNodesByCondition' }
  await using server = await startServerProcess({ tls: false, flags })
  await using connection = new Connection({ server: server.url, userAgent: 'tester', clock })
  const client = new Client({ connection, namespace: 'default' })
  const kubeconfig = join(server.directory, 'kubelet.kubeconfig')
  const config = {
    clusters: [{ name: 'c', cluster: { server: server.url } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  }
  await writeFile(kubeconfig, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...config }))
  const given = [
    `--kubeconfig=${kubeconfig}`,
    `--hollow-nodes=${NODES}`,
    '--hostname-override=hollow',
    '--monitoring-port=0',
    '--logging-format=json',
  ]
  const child = spawn(process.execPath, [program, ...given], { stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => output.push(text.toString()))
  }
  const readyNodes = async (): Promise<number> =>
    (await client.list(Node)).filter(({ status }) =>
      hasConditionStatus(status.conditions, 'Ready', 'True'),
    ).length
  await expect.poll(readyNodes, { timeout: PATIENCE_MS }).toBe(NODES)
  const pods = Array.from({ length: PODS }, (_, number) =>
    client.create(Pod, {
      metadata: { name: `pod-${number}` },
      spec: {
        nodeName: `hollow-${number % NODES}`,
        containers: [{ name: 'main', image: 'web:1' }],
      },
    }),
  )
  await Promise.all(pods)
  const readyPods = async (): Promise<number> =>
    (await client.list(Pod, { namespace: 'default' })).filter(({ status }) =>
      hasConditionStatus(status.conditions, 'Ready', 'True'),
    ).length
  await expect.poll(readyPods, { timeout: PATIENCE_MS }).toBe(PODS)
  await client.deleteCollection(Pod, { namespace: 'default' })
  const left = async (): Promise<number> =>
    (await client.list(Pod, { namespace: 'default' })).length
  await expect.poll(left, { timeout: PATIENCE_MS }).toBe(0)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  const problems = output
    .join('')
    .split('\n')
    .filter((line) => /"level":"(warn|error|fatal)"/.test(line))
  expect(problems).toEqual([])
})
