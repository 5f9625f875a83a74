/** kube-proxy as a process in the namespace of a node, with the certificate made for it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Node } from '#api/kinds/core/node.ts'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { Lan } from '#bench/netns.ts'
import { startServerProcess } from '#bench/server-process.ts'
import { Connection } from '#client/connection.ts'
import { Client } from '#client/rest.ts'
import { systemClock as clock } from '#daemon/clock.ts'

const program = fileURLToPath(new URL('../kube-proxy/main.ts', import.meta.url))

/** The body and the code, from inside a namespace. */
const get = (space: { exec(program: string, ...given: string[]): string }, url: string): string =>
  space.exec(
    process.execPath,
    '-e',
    `fetch('${url}').then(async (answer) => console.log(await answer.text(), answer.status))`,
  )

test('it brings traffic to a Service, reports its health, and leaves the rules when it stops', async () => {
  await using lan = new Lan()
  const node = lan.addNode(1)
  const pod = await lan.addPod(node, 'a1', 11)
  const address = lan.joinHost(node)
  await using server = await startServerProcess({ tls: false, flags: { 'bind-address': address } })
  await using connection = new Connection({ server: server.url, userAgent: 'tester', clock })
  const client = new Client({ connection, namespace: 'default' })
  await client.create(Node, {
    metadata: { name: 'n1' },
    spec: { podCIDR: node.podCidr },
    status: { addresses: [{ type: 'InternalIP', address: node.address }] },
  })
  const ports = [{ port: 80, targetPort: 8080, nodePort: 30_080 }]
  const spec = {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 31_000,
    ports,
  } as const
  const { clusterIP } = (await client.create(Service, { metadata: { name: 'web' }, spec })).spec
  const labels = { 'kubernetes.io/service-name': 'web' }
  const slice = await client.create(EndpointSlice, {
    metadata: { name: 'web-1', labels },
    addressType: 'IPv4',
    endpoints: [{ addresses: [pod.address], nodeName: 'n1' }],
    ports: [{ port: 8080 }],
  })
  const kubeconfig = join(server.directory, 'data/pki/kube-proxy.kubeconfig')
  const given = [`--kubeconfig=${kubeconfig}`, '--hostname-override=n1', '--logging-format=json']
  const child = spawn('ip', ['netns', 'exec', node.space.name, process.execPath, program, ...given])
  await using _child = { [Symbol.asyncDispose]: async () => void child.kill('SIGKILL') }
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => output.push(text.toString()))
  }
  const { outside } = lan
  await expect
    .poll(() => outside.ask(node.address, 30_080), { timeout: 30_000 })
    .toBe('a1 172.28.0.1')
  expect(await pod.space.ask(clusterIP!, 80)).toBe('a1 10.244.1.1')
  const outer = (url: string): string => get(outside, url)
  expect(outer(`http://${node.address}:10256/healthz`)).toMatch(/"nodeEligible":true} 200\n$/)
  expect(outer(`http://${node.address}:31000/`)).toMatch(/"localEndpoints": 1,[\s\S]* 200\n$/)
  await client.update(EndpointSlice, { ...slice, endpoints: [] })
  await expect
    .poll(() => outer(`http://${node.address}:31000/`))
    .toMatch(/"localEndpoints": 0,[\s\S]* 503\n$/)
  expect(await outside.ask(node.address, 30_080)).toBe('ECONNREFUSED')
  const metrics = get(node.space, 'http://127.0.0.1:10249/metrics')
  expect(metrics).toMatch(/kubeproxy_sync_full_proxy_rules_duration_seconds_count 1\n/)
  expect(metrics).toMatch(/kubeproxy_proxy_healthz_total{code="200"} 1\n/)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(node.space.exec('nft', 'list', 'table', 'ip', 'kube-proxy')).toContain(clusterIP)
  expect(
    output
      .join('')
      .split('\n')
      .filter((line) => /"level":"(warn|error|fatal)"/.test(line)),
  ).toEqual([])
})
