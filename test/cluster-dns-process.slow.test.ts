/** The cluster's DNS as a process, with the certificate and role that the API server gives it. */
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { startServerProcess } from '#bench/server-process.ts'
import { Connection } from '#client/connection.ts'
import { Client } from '#client/rest.ts'
import { systemClock as clock } from '#daemon/clock.ts'

const program = fileURLToPath(new URL('../cluster-dns/main.ts', import.meta.url))
const host = '127.0.0.1'
const LIVE_WITHIN_MS = 50

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen({ port: 0, host }, resolve))
    ports.push((server.address() as AddressInfo).port)
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

interface Started {
  readonly kubeconfig: string
  readonly port: number
  readonly healthPort: number
  readonly monitoringPort: number
}

function started({ kubeconfig, port, healthPort, monitoringPort }: Started) {
  const flags = {
    kubeconfig,
    'listen-address': host,
    port,
    upstream: `${host}:${port}`,
    'health-address': host,
    'health-port': healthPort,
    'monitoring-port': monitoringPort,
    pods: 'verified',
    'logging-format': 'json',
  }
  const given = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
  const child = spawn(process.execPath, [program, ...given], { stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => output.push(text.toString()))
  }
  return { child, output, [Symbol.asyncDispose]: async () => void child.kill('SIGKILL') }
}

test('it is ready once it has read the cluster, follows changes at once, and stops in order', async () => {
  await using server = await startServerProcess({ tls: false })
  await using connection = new Connection({ server: server.url, userAgent: 'tester', clock })
  const client = new Client({ connection, namespace: 'default' })
  const spec = { clusterIP: 'None', ports: [{ port: 80 }] }
  await client.create(Service, { metadata: { name: 'db' }, spec })
  const slice = await client.create(EndpointSlice, {
    metadata: { name: 'db-1', labels: { 'kubernetes.io/service-name': 'db' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.244.0.1'] }],
    ports: [{ port: 80 }],
  })
  const [port = 0, healthPort = 0, monitoringPort = 0] = await freePorts(3)
  const kubeconfig = join(server.directory, 'data/pki/cluster-dns.kubeconfig')
  await using dns = started({ kubeconfig, port, healthPort, monitoringPort })
  const { child, output } = dns
  const codeOf = (path: string) =>
    fetch(`http://${host}:${healthPort}${path}`).then(
      ({ status }) => status,
      () => 0,
    )
  await expect.poll(() => codeOf('/ready'), { timeout: 30_000 }).toBe(200)
  expect(await codeOf('/health')).toBe(200)
  const resolver = new Resolver()
  resolver.setServers([`${host}:${port}`])
  const name = 'db.default.svc.cluster.local'
  expect(await resolver.resolve4(name)).toEqual(['10.244.0.1'])
  expect(await resolver.resolve4('kubernetes.default.svc.cluster.local')).toEqual(['10.96.0.1'])
  // It is the one server that it was told to ask, so it asks nobody.
  await expect(resolver.resolve4('example.com')).rejects.toMatchObject({ code: 'EREFUSED' })

  const tookMs: number[] = []
  for (const last of [2, 3, 4, 5, 6]) {
    const endpoints = [{ addresses: [`10.244.0.${last}`] }]
    await client.patch(EndpointSlice, slice, { endpoints })
    const writtenAt = performance.now()
    while ((await resolver.resolve4(name))[0] !== `10.244.0.${last}`);
    tookMs.push(performance.now() - writtenAt)
  }
  expect(tookMs.toSorted((left, right) => left - right)[2]).toBeLessThan(LIVE_WITHIN_MS)

  const metrics = await (await fetch(`http://${host}:${monitoringPort}/metrics`)).text()
  expect(metrics).toContain('coredns_dns_responses_total')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  const warnings = output
    .join('')
    .split('\n')
    .filter((line) => /"level":"(warn|error|fatal)"/.test(line))
    .map((line) => (JSON.parse(line) as { message: string }).message)
  expect(warnings).toEqual([
    'not asking a server for other names, as it is this one',
    'there is no server to ask for names outside of the cluster',
  ])
  // The port is free again.
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(port, host, resolve))
  socket.close()
})
