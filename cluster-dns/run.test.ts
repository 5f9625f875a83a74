/** The DNS server over a real API server: answers follow what is written there. */
import { Resolver } from 'node:dns/promises'
import { expect, test } from 'vitest'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { createMetrics } from '#daemon/metrics.ts'
import { startTestServer } from '#test/api-server.ts'
import { connect } from '#test/connect.ts'
import { dnsMetrics } from './dns-metrics.ts'
import { ReplyCache } from './reply-cache.ts'
import { runDns } from './run.ts'

const host = '127.0.0.1'

test('answers follow Services and endpoints; figures count them', async () => {
  await using server = await startTestServer()
  await using connected = connect(server.url, { namespace: 'default', carrier: 'socket' })
  const { client, informers, clock, random, log, logged } = connected
  await client.create(Service, { metadata: { name: 'early' }, spec: { ports: [{ port: 80 }] } })
  const metrics = createMetrics()
  const cache = new ReplyCache({ clock, ttlMaxSeconds: 30, entriesMax: 10 })
  const zone = {
    domain: 'cluster.local',
    ttlSeconds: 5,
    ownService: 'kube-system/kube-dns',
    pods: 'verified',
  } as const
  const upstream = { servers: [], stubDomains: new Map(), timeoutMs: 1, deadlineMs: 1 }
  const figures = dnsMetrics(metrics, () => cache.size)
  const listen = { host, port: 0 }
  const parts = { informers, clock, random, log, zone, upstream, cache, figures, listen }
  await using dns = await runDns(parts, new AbortController().signal)
  const resolver = new Resolver()
  resolver.setServers([`${host}:${dns.port}`])
  const ask = (name: string): Promise<string> =>
    resolver.resolve4(`${name}.default.svc.cluster.local`).then(
      (addresses) => addresses.sort().join(),
      (error: NodeJS.ErrnoException) => error.code ?? '',
    )
  /** What was written has been seen. */
  const seen = async ({ metadata }: EndpointSlice): Promise<void> =>
    informers.get(EndpointSlice).cache.reached(metadata.resourceVersion ?? '')
  // There before anybody could ask.
  expect(await ask('early')).toMatch(/^10\.96\./)
  expect(await ask('kubernetes')).toBe('10.96.0.1')

  const spec = { clusterIP: 'None', ports: [{ port: 80 }] }
  const late = await client.create(Service, { metadata: { name: 'late' }, spec })
  await informers.get(Service).cache.reached(late.metadata.resourceVersion ?? '')
  const endpoints = [{ addresses: ['10.244.0.1'] }]
  const slice = await client.create(EndpointSlice, {
    metadata: { name: 'late-1', labels: { 'kubernetes.io/service-name': 'late' } },
    addressType: 'IPv4',
    endpoints,
    ports: [{ port: 80 }],
  })
  await seen(slice)
  expect(await ask('late')).toBe('10.244.0.1')
  const more = [...endpoints, { addresses: ['10.244.0.2'] }]
  const changed = await client.patch(EndpointSlice, slice, { endpoints: more })
  await seen(changed)
  expect(await ask('late')).toBe('10.244.0.1,10.244.0.2')
  const empty = await client.patch(EndpointSlice, changed, { endpoints: [] })
  await seen(empty)
  expect(await ask('late')).toBe('ENOTFOUND')
  const text = await metrics.text()
  expect(text).toContain(
    'coredns_dns_requests_total{server="dns://:53",zone=".",proto="udp",family="1",type="A"} 5',
  )
  expect(text).toContain('rcode="NXDOMAIN",plugin="kubernetes"} 1')
  expect(logged).toEqual([])
})
