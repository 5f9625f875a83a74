/** Which addresses of the pool a Service gets. Pure. */
import { formatIp, type IpFamily, parseIp } from '#api/ip.ts'
import type { Service } from '#api/kinds/core/service.ts'
import { type AddressPool, nextAddress, poolHas, poolKnows } from '../address-pool.ts'
import { NotNow } from '../provider.ts'

export const addressesOf = ({ status }: Service): readonly string[] =>
  (status.loadBalancer.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []))

const nameOf = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`

/** Of two that have the same address, the older one keeps it. */
function isOlder(one: Service, other: Service): boolean {
  const [a, b] = [one.metadata.creationTimestamp ?? '', other.metadata.creationTimestamp ?? '']
  return a === b ? one.metadata.uid < other.metadata.uid : a < b
}

const canonical = (text: string): string => {
  const ip = parseIp(text)
  return ip ? formatIp(ip) : text
}

/**
 * One address of each family that the Service has. `holderOf` says to which other Service an
 * address belongs. Throws an error that says why it cannot be.
 */
export function plannedAddresses(
  service: Service,
  pool: AddressPool,
  holderOf: (address: string) => Service | undefined,
): readonly string[] {
  const families = (service.spec.ipFamilies ?? ['IPv4']) as readonly IpFamily[]
  const possible = families.filter((family) => poolKnows(pool, family))
  const isStrict = service.spec.ipFamilyPolicy === 'RequireDualStack'
  if (possible.length === 0 || (isStrict && possible.length < families.length)) {
    const missing = families.find((family) => !possible.includes(family))
    throw new Error(`the pool of load balancers has no ${missing} addresses`)
  }
  return possible.map((family) => addressFor(service, family, pool, holderOf))
}

function addressFor(
  service: Service,
  family: IpFamily,
  pool: AddressPool,
  holderOf: (address: string) => Service | undefined,
): string {
  const wanted = service.spec.loadBalancerIP
  const wantedIp = wanted ? parseIp(wanted) : undefined
  if (wanted && !wantedIp) throw new Error(`loadBalancerIP "${wanted}" is no address`)
  if (wantedIp?.family === family) {
    const address = formatIp(wantedIp)
    if (!poolHas(pool, wantedIp)) {
      throw new Error(`loadBalancerIP ${address} is not in the pool of load balancers`)
    }
    const holder = holderOf(address)
    if (!holder) return address
    throw new NotNow(`loadBalancerIP ${address} belongs to the service ${nameOf(holder)}`)
  }
  const present = addressesOf(service)
    .map(canonical)
    .find((address) => {
      const ip = parseIp(address)
      if (ip?.family !== family || !poolHas(pool, ip)) return false
      const holder = holderOf(address)
      return !holder || isOlder(service, holder)
    })
  if (present) return present
  const next = nextAddress(pool, family, (address) => holderOf(address) !== undefined)
  if (next) return next
  throw new NotNow(`no ${family} address is left in the pool of load balancers`)
}

/** By address: the Services that have it, as far as they show it. */
export function holders(services: readonly Service[]): ReadonlyMap<string, Service> {
  const found = new Map<string, Service>()
  for (const service of services) {
    for (const text of addressesOf(service)) {
      const address = canonical(text)
      const known = found.get(address)
      if (!known || isOlder(service, known)) found.set(address, service)
    }
  }
  return found
}
