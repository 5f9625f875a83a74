/** Ports on every node that Services take: one key in the store for each port that is taken. */
import type { ServerParts } from '../request-context.ts'
import type { Step } from '../store/store.ts'
import { type Band, drawFree, reservedOf } from './band.ts'
import { AllocationRefused, type Holder } from './cluster-ips.ts'
import type { PortRange } from './service-network.ts'

export const nodePortPrefix = '/registry/ranges/servicenodeports/'

const RESERVED = { share: 32n, least: 16n, most: 128n }

/** The ports that one write of a Service takes and gives back. */
export class PortLedger {
  readonly #parts: ServerParts
  readonly #holder: Holder
  readonly #taken = new Set<number>()

  constructor(parts: ServerParts, holder: Holder) {
    this.#parts = parts
    this.#holder = holder
  }

  /** Takes the port that is asked for. */
  take(port: number): void {
    const { first, last } = this.#range
    if (port < first || port > last) {
      throw new AllocationRefused(
        `provided port is not in the valid range. The range of valid ports is ${first}-${last}`,
      )
    }
    if (this.#isTaken(port)) throw new AllocationRefused('provided port is already allocated')
    this.#taken.add(port)
  }

  /** Takes any free port. */
  draw(): number {
    const { random } = this.#parts
    const port = drawFree(bandOf(this.#range), random, (value) => this.#isTaken(Number(value)))
    if (port === undefined) throw new AllocationRefused('range is full')
    this.#taken.add(Number(port))
    return Number(port)
  }

  /** What to store together with the Service; `unused` are the ports that it no longer needs. */
  steps(unused: Iterable<number>): Step[] {
    const taken = [...this.#taken].map((port) => nodePortStep(port, this.#holder))
    const released = [...unused].flatMap((port): Step[] => {
      const entry = this.#parts.store.get(nodePortKey(port))
      return entry ? [{ type: 'delete', key: entry.key, expected: entry.revision }] : []
    })
    return [...taken, ...released]
  }

  get #range(): PortRange {
    return this.#parts.serviceNetwork.nodePorts
  }

  #isTaken(port: number): boolean {
    return this.#taken.has(port) || this.#parts.store.get(nodePortKey(port)) !== undefined
  }
}

export const nodePortKey = (port: number): string => nodePortPrefix + port

export function nodePortStep(port: number, { namespace, name }: Holder): Step {
  const value = Buffer.from(JSON.stringify({ namespace, name }))
  return { type: 'put', draft: { key: nodePortKey(port), value }, expected: 0 }
}

function bandOf({ first, last }: PortRange): Band {
  const size = BigInt(last - first + 1)
  return { first: BigInt(first), last: BigInt(last), reserved: reservedOf(size, RESERVED) }
}
