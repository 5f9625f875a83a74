/** The cluster's own names, as the specification of Kubernetes' DNS has them in version 1.1. */
import type { Service } from '#api/kinds/core/service.ts'
import { isHeadless } from '#api/rules/service-facts.ts'
import { type Directory, SERVICE_NAME_LABEL } from './directory.ts'
import { dashedAddress, type NamedEndpoint, namedEndpoints } from './endpoint-names.ts'
import { type DnsRecord, type Reply, recordTypes } from './message.ts'
import { addressIn } from './reverse-names.ts'

export interface ZoneSettings {
  /** Such as cluster.local. */
  readonly domain: string
  readonly ttlSeconds: number
  /** The Service in front of this server: `namespace/name`. */
  readonly ownService: string
  /** Whether pods have names of their own: any address, those of pods alone, or none. */
  readonly pods: 'insecure' | 'verified' | 'disabled'
  /** Changes when the zone does; seconds since 1970 are usual. */
  readonly serial: () => number
}

/** What is there under a name, of whatever type; undefined when there is nothing at all. */
interface Found {
  readonly records: readonly DnsRecord[]
  /** Addresses of what the records name. */
  readonly additional?: readonly DnsRecord[]
}

const SPECIFICATION = '1.1.0'
const WEIGHT = 100
const nothingHere: Found = { records: [] }

export class Zone {
  readonly #settings: ZoneSettings
  readonly #directory: Directory
  readonly #domain: readonly string[]

  constructor(settings: ZoneSettings, directory: Directory) {
    this.#settings = settings
    this.#directory = directory
    this.#domain = settings.domain.toLowerCase().split('.')
  }

  /** Undefined for names that are none of ours: others have to be asked. */
  answer(labels: readonly string[], type: number): Reply | undefined {
    const own = this.#within(labels)
    if (!own) return this.#answerReverse(labels, type)
    const found = this.#find(own, labels.join('.'))
    if (!found) return this.#nothing('NXDOMAIN')
    const answers = found.records.filter(
      (each) => recordTypes[each.type] === type || each.type === 'CNAME',
    )
    if (answers.length === 0) return this.#nothing('NOERROR')
    const additional = type === recordTypes.SRV ? (found.additional ?? []) : []
    return { code: 'NOERROR', answers, authority: [], additional, isAuthoritative: true }
  }

  /** The labels before the domain. */
  #within(labels: readonly string[]): readonly string[] | undefined {
    const before = labels.length - this.#domain.length
    if (before < 0) return undefined
    return this.#domain.every((label, at) => labels[before + at] === label)
      ? labels.slice(0, before)
      : undefined
  }

  /** An address that nobody here has may have a name elsewhere. */
  #answerReverse(labels: readonly string[], type: number): Reply | undefined {
    const address = addressIn(labels)
    const names = address === undefined ? [] : this.#namesAt(address)
    if (names.length === 0) return undefined
    if (type !== recordTypes.PTR) return this.#nothing('NOERROR')
    const { ttlSeconds } = this.#settings
    const name = labels.join('.')
    const answers = names.map((target) => ({ type: 'PTR', name, ttlSeconds, target }) as const)
    return { code: 'NOERROR', answers, authority: [], additional: [], isAuthoritative: true }
  }

  /** Two ways to have no answer: the name is not there, or has nothing of that type. */
  #nothing(code: 'NOERROR' | 'NXDOMAIN'): Reply {
    const authority = [this.#authority()]
    return { code, answers: [], authority, additional: [], isAuthoritative: true }
  }

  #authority(): DnsRecord {
    const { domain, ttlSeconds, serial } = this.#settings
    return {
      type: 'SOA',
      name: domain,
      ttlSeconds,
      server: `ns.dns.${domain}`,
      mailbox: `hostmaster.${domain}`,
      serial: serial(),
      minimumSeconds: ttlSeconds,
    }
  }

  #find(own: readonly string[], name: string): Found | undefined {
    const { domain, ttlSeconds } = this.#settings
    const outermost = own.at(-1)
    if (outermost === undefined) {
      const server = { type: 'NS', name, ttlSeconds, target: `ns.dns.${domain}` } as const
      return { records: [this.#authority(), server] }
    }
    const inner = own.slice(0, -1)
    if (outermost === 'svc') return this.#findInServices(inner, name)
    if (outermost === 'pod') return this.#findPod(inner, name)
    if (outermost === 'dns') return this.#findServer(inner, name)
    if (outermost !== 'dns-version' || inner.length > 0) return undefined
    return { records: [{ type: 'TXT', name, ttlSeconds, text: SPECIFICATION }] }
  }

  #findServer(inner: readonly string[], name: string): Found | undefined {
    if (inner.length === 0) return nothingHere
    if (inner.length > 1 || inner[0] !== 'ns') return undefined
    const [namespace = '', service = ''] = this.#settings.ownService.split('/')
    const addresses = this.#directory.service(namespace, service)?.spec.clusterIPs ?? []
    return { records: addresses.map((address) => this.#address(name, address)) }
  }

  #findPod(inner: readonly string[], name: string): Found | undefined {
    const { pods } = this.#settings
    if (pods === 'disabled' || inner.length > 2) return undefined
    const namespace = inner.at(-1)
    if (namespace === undefined) return nothingHere
    if (!this.#directory.hasNamespace(namespace)) return undefined
    if (inner.length === 1) return nothingHere
    const address = dashedAddress(inner[0]!)
    if (address === undefined) return undefined
    if (pods === 'verified' && !this.#directory.hasPod(namespace, address)) return undefined
    return { records: [this.#address(name, address)] }
  }

  #findInServices(inner: readonly string[], name: string): Found | undefined {
    const [namespace, serviceName] = [inner.at(-1), inner.at(-2)]
    if (namespace === undefined) return nothingHere
    if (serviceName === undefined) {
      return this.#directory.hasNamespace(namespace) ? nothingHere : undefined
    }
    const service = this.#directory.service(namespace, serviceName)
    if (!service || inner.length > 4) return undefined
    const first = inner.slice(0, -2)
    if (service.spec.type === 'ExternalName') {
      return first.length === 0 ? this.#alias(service, name) : undefined
    }
    const [outer, port] = [first.at(-1), first.at(-2)]
    if (outer === undefined) return this.#wholeService(service, name)
    if (outer === '_tcp' || outer === '_udp' || outer === '_sctp') {
      return this.#findPort(service, outer.slice(1), port, name)
    }
    return port === undefined ? this.#findEndpoint(service, outer, name) : undefined
  }

  #alias({ spec }: Service, name: string): Found | undefined {
    const target = spec.externalName?.replace(/\.$/, '')
    if (!target) return undefined
    const { ttlSeconds } = this.#settings
    return { records: [{ type: 'CNAME', name, ttlSeconds, target }] }
  }

  /** Without ready endpoints, a headless Service has no name. */
  #wholeService(service: Service, name: string): Found | undefined {
    if (!isHeadless(service.spec)) {
      const addresses = (service.spec.clusterIPs ?? []).map((each) => this.#address(name, each))
      const ports = service.spec.ports ?? []
      return {
        records: [...addresses, ...this.#toService(service, ports, name)],
        additional: addresses,
      }
    }
    const endpoints = this.#endpoints(service)
    if (endpoints.length === 0) return undefined
    const addresses = new Set(endpoints.map(({ address }) => address))
    return { records: [...addresses].map((each) => this.#address(name, each)) }
  }

  #findEndpoint(service: Service, hostname: string, name: string): Found | undefined {
    const named = this.#endpoints(service).filter((each) => each.hostname === hostname)
    if (named.length === 0) return undefined
    const addresses = new Set(named.map(({ address }) => address))
    return { records: [...addresses].map((address) => this.#address(name, address)) }
  }

  /** `_port._protocol`; the protocol alone is there when any port of it has a name. */
  #findPort(
    service: Service,
    protocol: string,
    label: string | undefined,
    name: string,
  ): Found | undefined {
    const isOf = (port: { readonly protocol?: string; readonly name?: string }): boolean =>
      (port.protocol ?? 'TCP').toLowerCase() === protocol && !!port.name
    if (isHeadless(service.spec)) {
      const all = this.#endpoints(service).flatMap((endpoint) =>
        endpoint.ports.filter(isOf).map((port) => ({ endpoint, port })),
      )
      if (all.length === 0) return undefined
      if (label === undefined) return nothingHere
      const ways = all.filter(({ port }) => `_${port.name}` === label)
      return ways.length === 0 ? undefined : this.#toEndpoints(service, ways, name)
    }
    const ports = (service.spec.ports ?? []).filter(isOf)
    if (ports.length === 0) return undefined
    if (label === undefined) return nothingHere
    const wanted = ports.filter((port) => `_${port.name}` === label)
    if (wanted.length === 0) return undefined
    const target = this.#nameOf(service)
    const addresses = service.spec.clusterIPs ?? []
    return {
      records: this.#toService(service, wanted, name),
      additional: addresses.map((address) => this.#address(target, address)),
    }
  }

  #toService(
    service: Service,
    ports: readonly { readonly port: number }[],
    name: string,
  ): DnsRecord[] {
    const { ttlSeconds } = this.#settings
    const target = this.#nameOf(service)
    const shared = { type: 'SRV', name, ttlSeconds, priority: 0, weight: WEIGHT, target } as const
    return ports.map(({ port }) => ({ ...shared, port }))
  }

  #toEndpoints(
    service: Service,
    ways: readonly { endpoint: NamedEndpoint; port: { readonly port: number } }[],
    name: string,
  ): Found {
    const { ttlSeconds } = this.#settings
    const weight = Math.max(1, Math.floor(WEIGHT / ways.length))
    const shared = { type: 'SRV', name, ttlSeconds, priority: 0, weight } as const
    const targetOf = ({ hostname }: NamedEndpoint): string => `${hostname}.${this.#nameOf(service)}`
    const records = new Map<string, DnsRecord>()
    const additional = new Map<string, DnsRecord>()
    for (const { endpoint, port } of ways) {
      const target = targetOf(endpoint)
      // Of an endpoint with addresses of both families there is one name.
      records.set(`${target} ${port.port}`, { ...shared, port: port.port, target })
      additional.set(`${target} ${endpoint.address}`, this.#address(target, endpoint.address))
    }
    return { records: [...records.values()], additional: [...additional.values()] }
  }

  #endpoints({ metadata }: Service): readonly NamedEndpoint[] {
    const { namespace = '', name = '' } = metadata
    return namedEndpoints(this.#directory.slices(namespace, name))
  }

  #namesAt(address: string): string[] {
    const service = this.#directory.serviceAt(address)
    if (service) return [this.#nameOf(service)]
    const names = this.#directory.slicesAt(address).flatMap((slice) => {
      const { namespace = '', labels } = slice.metadata
      const owner = this.#directory.service(namespace, labels?.[SERVICE_NAME_LABEL] ?? '')
      if (!owner) return []
      return namedEndpoints([slice])
        .filter((endpoint) => endpoint.address === address)
        .map(({ hostname }) => `${hostname}.${this.#nameOf(owner)}`)
    })
    return [...new Set(names)].sort()
  }

  #nameOf({ metadata }: Service): string {
    return `${metadata.name}.${metadata.namespace}.svc.${this.#settings.domain}`
  }

  #address(name: string, address: string): DnsRecord {
    const { ttlSeconds } = this.#settings
    return { type: address.includes(':') ? 'AAAA' : 'A', name, ttlSeconds, address }
  }
}
