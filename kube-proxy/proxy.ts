/** Keeps the rules of this node as Services, their endpoints and the pods of the node want them. */
import type { IpFamily } from '#api/ip.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Service } from '#api/kinds/core/service.ts'
import { EndpointSlice } from '#api/kinds/discovery/endpoint-slice.ts'
import { ServiceCIDR } from '#api/kinds/networking/service-cidr.ts'
import { needsHealthCheck } from '#api/rules/service-facts.ts'
import type { EventRecorder } from '#client/events.ts'
import type { Informer } from '#client/informer.ts'
import type { InformerSet } from '#client/informer-set.ts'
import { type ApiObject, keyOf, referenceFromKey } from '#client/resource.ts'
import type { Clock, Timer } from '#daemon/clock.ts'
import { type Log, reference } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import type { Commands } from './commands.ts'
import { FamilyRules } from './family-rules.ts'
import type { HealthChecks } from './health-checks.ts'
import { podRules } from './host-ports.ts'
import { hasSctp } from './kernel.ts'
import { checkNft, followLosses, isIntact } from './nft.ts'
import { type NodeFacts, nodeFacts, nodePiece, sameFacts, serviceCidrPiece } from './node-facts.ts'
import type { ProxyMetrics } from './proxy-metrics.ts'
import { localEndpointCount, type ServiceSettings, serviceRules } from './service-rules.ts'
import { byService, OURS } from './watched.ts'
import { Worker } from './worker.ts'

export interface ProxySettings {
  readonly nodeName: string
  readonly families: readonly IpFamily[]
  readonly podCidrs: Readonly<Record<IpFamily, readonly string[]>>
  readonly nodePortAddresses: readonly string[]
  readonly masqueradeAll: boolean
  readonly pauseMs: number
}

export interface ProxyParts {
  readonly informers: InformerSet
  readonly commands: Commands
  readonly events: EventRecorder
  readonly healthChecks: HealthChecks
  readonly metrics: ProxyMetrics
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly settings: ProxySettings
}

/** A program that watches needs a moment until it does: what happens meanwhile is looked for. */
const WATCHING_MS = 1000

export class ServiceProxy implements AsyncDisposable {
  readonly #parts: ProxyParts
  readonly #services: Informer<Service>
  readonly #slices: Informer<EndpointSlice>
  readonly #pods: Informer<Pod>
  readonly #nodes: Informer<Node>
  readonly #serviceCidrs: Informer<ServiceCIDR>
  readonly #families: readonly FamilyRules[]
  readonly #worker: Worker
  readonly #listeners = new DisposableStack()
  /** Owners whose wishes may have changed: `service ns/name`, `pod ns/name` and so on. */
  #dirty = new Set<string>()
  #facts: NodeFacts
  #hasSctp = false
  #losses: Disposable | undefined
  #check: Timer | undefined

  constructor(parts: ProxyParts) {
    const { informers, settings, clock, random, log, commands } = parts
    const { nodeName, families, podCidrs, pauseMs } = settings
    this.#parts = parts
    this.#services = informers.get(Service, { labelSelector: OURS })
    this.#slices = informers.get(EndpointSlice, { labelSelector: OURS })
    this.#pods = informers.get(Pod, { fieldSelector: `spec.nodeName=${nodeName}` })
    this.#nodes = informers.get(Node)
    this.#serviceCidrs = informers.get(ServiceCIDR)
    this.#facts = nodeFacts(nodeName, undefined)
    this.#families = families.map(
      (family) => new FamilyRules({ family, podCidrs: podCidrs[family], commands, log }),
    )
    this.#worker = new Worker({
      clock,
      random,
      pauseMs,
      work: () => this.#sync(),
      failed: (error) => {
        parts.metrics.failed()
        log.error('cannot bring the rules of this node up to date, will try again', { error })
      },
    })
  }

  /** Resolves when the rules are there for the first time; throws where they cannot be. */
  async start(signal: AbortSignal): Promise<void> {
    const { commands, informers } = this.#parts
    await checkNft(commands)
    this.#hasSctp = await hasSctp(commands)
    await informers.synced(signal)
    this.#listen()
    this.#facts = nodeFacts(this.#parts.settings.nodeName, this.#ownNode())
    this.#want('node')
    await this.#worker.settled()
  }

  /** Resolves when everything that was seen so far is in the rules. */
  settled(): Promise<void> {
    return this.#worker.settled()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.dispose()
    this.#check?.cancel()
    await this.#worker[Symbol.asyncDispose]()
    // The rules stay: whoever takes over finds connections as they were.
    this.#losses?.[Symbol.dispose]()
  }

  #listen(): void {
    const { nodeName } = this.#parts.settings
    const on = <S extends ApiObject>(
      informer: Informer<S>,
      owner: (object: S) => string | undefined,
    ) =>
      this.#listeners.use(
        informer.onChange(({ object, previous }) => {
          for (const each of [object, previous]) this.#want(each && owner(each))
        }),
      )
    on(this.#services, (service) => `service ${keyOf(service)}`)
    on(this.#slices, (slice) => {
      this.#parts.metrics.endpointsChanged(slice)
      const [service] = byService.values(slice)
      return service && `service ${service}`
    })
    on(this.#pods, (pod) => `pod ${keyOf(pod)}`)
    on(this.#serviceCidrs, (cidr) => `cidr ${keyOf(cidr)}`)
    on(this.#nodes, (node) => (node.metadata.name === nodeName ? 'node' : undefined))
  }

  #ownNode = (): Node | undefined => this.#nodes.cache.get({ name: this.#parts.settings.nodeName })

  #want(owner: string | undefined): void {
    if (owner === undefined) return
    this.#dirty.add(owner)
    this.#parts.metrics.queued()
    this.#worker.wake()
  }

  async #sync(): Promise<void> {
    const { metrics, clock } = this.#parts
    const begunAt = clock.monotonic()
    const dirty = this.#dirty
    this.#dirty = new Set()
    if (dirty.has('node')) this.#lookAtNode(dirty)
    for (const owner of dirty) this.#judge(owner)
    const isWhole = this.#families.some((each) => each.isWholeDue)
    if (isWhole) this.#losses = void this.#losses?.[Symbol.dispose]()
    for (const family of this.#families) await family.sync(this.#facts.addresses)
    metrics.synced({ isWhole, durationMs: clock.monotonic() - begunAt })
    if (!this.#losses) this.#watchForStrangers()
  }

  /** A new zone or address concerns every Service. */
  #lookAtNode(dirty: Set<string>): void {
    const facts = nodeFacts(this.#parts.settings.nodeName, this.#ownNode())
    if (sameFacts(facts, this.#facts)) return
    this.#facts = facts
    for (const service of this.#services.cache.list()) dirty.add(`service ${keyOf(service)}`)
  }

  #judge(owner: string): void {
    const [kind, key = ''] = owner.split(' ')
    if (kind === 'service') {
      this.#judgeService(owner, key)
      return
    }
    const target = referenceFromKey(key)
    const pod = kind === 'pod' ? this.#pods.cache.get(target) : undefined
    const cidr = kind === 'cidr' ? this.#serviceCidrs.cache.get(target) : undefined
    for (const rules of this.#families) {
      const { family } = rules
      const { nodePortAddresses } = this.#parts.settings
      if (pod) rules.replace(owner, podRules(pod, family))
      else if (cidr) rules.replace(owner, { piece: serviceCidrPiece(family, cidr), udp: [] })
      else if (kind === 'node') {
        rules.replace(owner, { piece: nodePiece(family, this.#facts, nodePortAddresses), udp: [] })
      } else rules.replace(owner, undefined)
    }
  }

  #judgeService(owner: string, key: string): void {
    const { healthChecks, settings, metrics } = this.#parts
    const service = this.#services.cache.get(referenceFromKey(key))
    const slices = service ? this.#slices.cache.by(byService, key) : []
    metrics.serviceChanged()
    for (const rules of this.#families) {
      const { family } = rules
      if (!service) {
        rules.replace(owner, undefined)
        continue
      }
      const all: ServiceSettings = {
        family,
        place: this.#facts.place,
        podCidrs: settings.podCidrs[family],
        nodeAddresses: this.#facts.addresses,
        masqueradeAll: settings.masqueradeAll,
        hasSctp: this.#hasSctp,
      }
      const wanted = serviceRules(service, slices, all)
      rules.replace(owner, wanted)
      if (wanted.refused.length > 0) this.#reportRefused(service, wanted.refused)
    }
    const port = service && needsHealthCheck(service.spec) && service.spec.healthCheckNodePort
    healthChecks.set(
      key,
      port
        ? {
            service,
            port,
            localEndpoints: localEndpointCount(slices, this.#facts.place),
          }
        : undefined,
    )
  }

  #reportRefused(service: Service, ports: readonly string[]): void {
    const { log, events, settings } = this.#parts
    const object = reference('Service', service.metadata)
    log.warn('the kernel of this node knows no SCTP: ports refuse traffic', { object, ports })
    events.warning(
      service,
      'UnsupportedProtocol',
      `the kernel of node ${settings.nodeName} cannot balance SCTP: refusing ports ${ports.join(', ')}`,
    )
  }

  #watchForStrangers(): void {
    const { commands, clock, log } = this.#parts
    const repair = (): void => {
      // Every rule that goes is told by itself.
      if (this.#families.every(({ isWholeDue }) => isWholeDue)) return
      log.warn('somebody else changed the rules of this node, writing them again')
      this.#distrust()
    }
    const ended = (why: string): void => {
      log.warn('cannot see whether somebody else changes the rules, will look again', { why })
      this.#losses = undefined
      this.#check = clock.setTimeout(() => this.#worker.wake(), WATCHING_MS * 10)
    }
    this.#losses = followLosses(commands, repair, ended)
    this.#check?.cancel()
    this.#check = clock.setTimeout(() => this.#verify(repair), WATCHING_MS)
  }

  #verify(repair: () => void): void {
    const looking = this.#families.map(({ family }) => isIntact(this.#parts.commands, family))
    Promise.all(looking).then(
      (each) => each.every(Boolean) || repair(),
      (error: unknown) => {
        this.#parts.log.warn('cannot read the rules of this node, writing them again', { error })
        this.#distrust()
      },
    )
  }

  #distrust(): void {
    for (const family of this.#families) family.distrust()
    this.#worker.wake()
  }
}
