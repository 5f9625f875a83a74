/**
 * Makes the books of addresses and ports agree with the Services, which decide: adds what is
 * missing, drops what belongs to nobody. Run at start, before anybody writes.
 */
import { formatIp, parseIp } from '#api/ip.ts'
import type { IPAddress } from '#api/kinds/networking/ip-address.ts'
import { isHeadless, type ServiceSpec } from '#api/rules/service-facts.ts'
import type { ServerParts } from '../request-context.ts'
import type { Step } from '../store/store.ts'
import type { ApiObject } from '../stored-object.ts'
import {
  ALLOCATOR,
  addressLabels,
  addressResource,
  allocation,
  type Holder,
} from './cluster-ips.ts'
import { nodePortKey, nodePortPrefix, nodePortStep } from './node-ports.ts'
import { usedPorts } from './service-ports.ts'

/** Steps that one transaction may have. */
const BATCH = 100

export async function repairAllocations(parts: ServerParts): Promise<void> {
  const books = booksOf(parts)
  const steps = [...addressSteps(parts, books.addresses), ...portSteps(parts, books.ports)]
  for (let at = 0; at < steps.length; at += BATCH) {
    await parts.store.transact(steps.slice(at, at + BATCH))
  }
  if (steps.length) parts.log.warn('repaired service allocations', { changes: steps.length })
}

interface Books {
  readonly addresses: Map<string, Holder>
  readonly ports: Map<number, Holder>
}

function booksOf(parts: ServerParts): Books {
  const { store, resources, log } = parts
  const resource = resources.find('', 'v1', 'services')!
  const books: Books = { addresses: new Map(), ports: new Map() }
  const note = <T>(book: Map<T, Holder>, what: T, holder: Holder): void => {
    const first = book.get(what)
    if (first) log.warn('two services have the same allocation', { what, first, second: holder })
    else book.set(what, holder)
  }
  for (const entry of store.list(resource.prefix).entries) {
    const { metadata, spec } = resource.parse(entry) as ApiObject & { spec: ServiceSpec }
    const holder = { namespace: metadata.namespace ?? '', name: metadata.name }
    const ips = isHeadless(spec) ? [] : (spec.clusterIPs ?? []).flatMap((ip) => parseIp(ip) ?? [])
    for (const ip of ips) note(books.addresses, formatIp(ip), holder)
    for (const port of usedPorts(spec)) note(books.ports, port, holder)
  }
  return books
}

function addressSteps(parts: ServerParts, wanted: ReadonlyMap<string, Holder>): Step[] {
  const resource = addressResource(parts)
  const steps: Step[] = []
  const present = new Set<string>()
  for (const entry of parts.store.list(resource.prefix).entries) {
    const address = resource.parse(entry) as unknown as IPAddress
    present.add(address.metadata.name)
    if (entry.labels[addressLabels.manager] !== ALLOCATOR) continue
    const { namespace, name } = address.spec.parentRef ?? {}
    const holder = wanted.get(address.metadata.name)
    const isRight = holder?.namespace === namespace && holder?.name === name
    if (!isRight) {
      steps.push({ type: 'delete', key: entry.key, expected: entry.revision })
      // Made again below in a later transaction when another Service has the address.
      present.delete(address.metadata.name)
    }
  }
  const removed = new Set(steps.flatMap((step) => (step.type === 'delete' ? step.key : [])))
  for (const [ip, holder] of wanted) {
    if (present.has(ip)) continue
    const { step } = allocation(parts, ip, parseIp(ip)!.family, holder)
    const isReplaced = removed.has(resource.keyOf('', ip))
    steps.push(isReplaced && step.type === 'put' ? { type: 'put', draft: step.draft } : step)
  }
  const replaced = new Set(steps.flatMap((step) => (step.type === 'put' ? step.draft.key : [])))
  return steps.filter((step) => step.type !== 'delete' || !replaced.has(step.key))
}

function portSteps({ store }: ServerParts, wanted: ReadonlyMap<number, Holder>): Step[] {
  const unwanted: Step[] = store
    .list(nodePortPrefix)
    .entries.filter(({ key }) => !wanted.has(Number(key.slice(nodePortPrefix.length))))
    .map(({ key, revision }) => ({ type: 'delete', key, expected: revision }))
  const missing = [...wanted].filter(([port]) => !store.get(nodePortKey(port)))
  return [...unwanted, ...missing.map(([port, holder]) => nodePortStep(port, holder))]
}
