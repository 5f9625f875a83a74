/** How many questions a DNS server answers in a second, and how long one takes, on two cores. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Namespace } from '#api/kinds/core/namespace.ts'
import type { Service } from '#api/kinds/core/service.ts'
import type { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { Cache } from '#client/cache.ts'
import { directoryOver } from '#cluster-dns/directory.ts'
import { dnsMetrics } from '#cluster-dns/dns-metrics.ts'
import { recordTypes } from '#cluster-dns/message.ts'
import { readQuestion } from '#cluster-dns/read-question.ts'
import { ReplyCache } from '#cluster-dns/reply-cache.ts'
import { Resolver } from '#cluster-dns/resolver.ts'
import { DnsServer } from '#cluster-dns/server.ts'
import { questionText } from '#cluster-dns/test-question.ts'
import { Upstream } from '#cluster-dns/upstream.ts'
import { Zone } from '#cluster-dns/zone.ts'
import { systemClock as clock } from '#daemon/clock.ts'
import { createMetrics } from '#daemon/metrics.ts'
import { systemRandom as random } from '#daemon/random.ts'
import { type Bench, nanosecondsPerCall } from './bench.ts'
import type { FloodOrder, FloodResult } from './dns-flood.ts'
import { quietLog } from './quiet-log.ts'

const SERVICES = 5000
const PODS = 3
const QUESTIONS = 200_000
const IN_FLIGHT = 64
const DOMAIN = 'cluster.local'
const FLOOD = new URL('./dns-flood.ts', import.meta.url)

const byAddress = (index: number): Buffer =>
  questionText(`s${index}.default.svc.${DOMAIN}`, recordTypes.A)
const byPods = (index: number): Buffer =>
  questionText(`h${index}.default.svc.${DOMAIN}`, recordTypes.A)
/** What a search path makes of a name elsewhere, before it is asked for as it is. */
const notThere = (index: number): Buffer =>
  questionText(`www${index}.example.com.default.svc.${DOMAIN}`, recordTypes.A)

export const benches: readonly Bench[] = [
  flooded('questions about 5,000 Services', 'perSecond', byAddress),
  flooded('the same, 99th percentile', 'p99Ms', byAddress),
  flooded('questions about headless Services', 'perSecond', byPods),
  flooded('questions about names that are not there', 'perSecond', notThere),
  flooded('one question at a time, 99th percentile', 'p99Ms', byAddress, 1),
  {
    name: 'one answer without sockets',
    unit: 'us',
    better: 'lower',
    async measure() {
      const { resolver } = resolverOver()
      const messages = Array.from({ length: 1000 }, (_, index) => byAddress(index))
      let next = 0
      const call = (): unknown => {
        const read = readQuestion(messages[next++ % messages.length]!)
        if (!('question' in read)) throw new Error('question: cannot be read')
        return resolver.resolve(read.question, 512)
      }
      return (await nanosecondsPerCall(call)) / 1000
    },
  },
]

function flooded(
  name: string,
  figure: keyof FloodResult,
  question: (index: number) => Buffer,
  inFlight = IN_FLIGHT,
): Bench {
  const isRate = figure === 'perSecond'
  return {
    name,
    unit: isRate ? '/s' : 'ms',
    better: isRate ? 'higher' : 'lower',
    async measure() {
      const { resolver, served } = resolverOver()
      const parts = { resolver, clock, log: quietLog, served }
      await using server = await DnsServer.listen(parts, { host: '127.0.0.1', port: 0 })
      const questions = Array.from({ length: 1000 }, (_, index) => question(index))
      const count = inFlight === 1 ? QUESTIONS / 10 : QUESTIONS
      const order: FloodOrder = { port: server.port, questions, inFlight, count }
      const worker = new Worker(FLOOD, { workerData: order })
      const [result] = (await once(worker, 'message')) as [FloodResult]
      await worker.terminate()
      return result[figure]
    },
  }
}

function resolverOver() {
  const services = new Cache<Service>()
  const slices = new Cache<EndpointSlice>()
  const namespaces = new Cache<Namespace>()
  namespaces.put({ metadata: { name: 'default', uid: 'd' } } as unknown as Namespace)
  for (let index = 0; index < SERVICES; index++) {
    const address = `10.96.${index >> 8}.${index & 0xff}`
    services.put(serviceOf(`s${index}`, address))
    services.put(serviceOf(`h${index}`, 'None'))
    slices.put(sliceOf(`h${index}`, index))
  }
  const settings = {
    domain: DOMAIN,
    ttlSeconds: 30,
    ownService: 'kube-system/kube-dns',
    pods: 'insecure',
    serial: () => 1,
  } as const
  const zone = new Zone(settings, directoryOver({ namespaces, services, slices }))
  const cache = new ReplyCache({ clock, ttlMaxSeconds: 30, entriesMax: 1000 })
  const figures = dnsMetrics(createMetrics(), () => cache.size)
  const upstream = new Upstream({
    clock,
    random,
    servers: [],
    stubDomains: new Map(),
    timeoutMs: 1000,
    deadlineMs: 1000,
    attempted: figures.attempted,
  })
  const resolver = new Resolver({ zone, cache, upstream, random, log: quietLog, figures })
  return { resolver, served: figures.served }
}

function serviceOf(name: string, clusterIP: string): Service {
  const metadata = { name, namespace: 'default', uid: name }
  const spec = { type: 'ClusterIP', clusterIP, clusterIPs: [clusterIP], ports: [{ port: 80 }] }
  return { metadata, spec } as unknown as Service
}

function sliceOf(service: string, index: number): EndpointSlice {
  const endpoints = Array.from({ length: PODS }, (_, at) => ({
    addresses: [`10.244.${index & 0xff}.${at + 1}`],
    conditions: { ready: true },
  }))
  const labels = { 'kubernetes.io/service-name': service }
  const metadata = { name: `${service}-1`, namespace: 'default', uid: service, labels }
  return { metadata, addressType: 'IPv4', endpoints, ports: [] } as unknown as EndpointSlice
}
