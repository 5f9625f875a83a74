/** The DNS server over caches of the cluster: everything but flags and the process. */
import { Namespace } from '#api/kinds/core/namespace.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { isHeadless } from '#api/rules/service-facts.ts'
import type { InformerSet } from '#client/informer-set.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { directoryOver, SERVICE_NAME_LABEL } from './directory.ts'
import type { DnsMetrics } from './dns-metrics.ts'
import type { ReplyCache } from './reply-cache.ts'
import { Resolver } from './resolver.ts'
import { DnsServer } from './server.ts'
import { Upstream, type UpstreamSettings } from './upstream.ts'
import { Zone, type ZoneSettings } from './zone.ts'

export interface DnsParts {
  readonly informers: InformerSet
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly zone: Omit<ZoneSettings, 'serial'>
  readonly upstream: Omit<UpstreamSettings, 'clock' | 'random' | 'attempted'>
  readonly cache: ReplyCache
  readonly figures: DnsMetrics
  readonly listen: { readonly host: string; readonly port: number }
}

const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'

/** Answers only when all caches are filled: before, it would deny what there is. */
export async function runDns(parts: DnsParts, signal: AbortSignal): Promise<DnsServer> {
  const { informers, clock, random, log, figures, cache } = parts
  const slices = informers.get(EndpointSlice)
  const watched = {
    namespaces: informers.get(Namespace),
    services: informers.get(Service),
    slices,
    ...(parts.zone.pods === 'verified' && { pods: informers.get(Pod) }),
  }
  await informers.synced(signal)
  let changedAt = clock.now()
  for (const informer of Object.values(watched)) {
    informer.onChange(() => {
      changedAt = clock.now()
    })
  }
  const startedAt = clock.now()
  slices.onChange(({ object }) => {
    const { namespace, labels, annotations } = object.metadata
    const service = watched.services.cache.get({
      namespace,
      name: labels?.[SERVICE_NAME_LABEL] ?? '',
    })
    if (!service?.spec.selector || !isHeadless(service.spec)) return
    const at = Date.parse(annotations?.[TRIGGER_TIME] ?? '')
    if (at >= startedAt) figures.programmed(Math.max(0, clock.now() - at))
  })
  const directory = directoryOver({
    namespaces: watched.namespaces.cache,
    services: watched.services.cache,
    slices: slices.cache,
    pods: watched.pods?.cache,
  })
  const zone = new Zone({ ...parts.zone, serial: () => Math.floor(changedAt / 1000) }, directory)
  const { attempted, served } = figures
  const upstream = new Upstream({ ...parts.upstream, clock, random, attempted })
  const resolver = new Resolver({ zone, cache, upstream, random, log, figures })
  const server = await DnsServer.listen({ resolver, clock, log, served }, parts.listen)
  log.info('serving DNS', { ...parts.listen, port: server.port, domain: parts.zone.domain })
  return server
}
