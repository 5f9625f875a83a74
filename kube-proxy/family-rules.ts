/** The rules of one IP family on this node: what is wanted, what is there, and the way between. */
import type { IpFamily } from '#api/ip.ts'
import type { Log } from '#daemon/log.ts'
import type { Commands } from './commands.ts'
import { clearStaleFlows } from './conntrack.ts'
import { fixedRules } from './fixed-rules.ts'
import { apply, applyWhole } from './nft.ts'
import type { Piece } from './piece.ts'
import type { UdpTarget } from './service-rules.ts'
import { Table, type Transaction } from './table.ts'

export interface Wanted {
  readonly piece: Piece
  readonly udp: readonly UdpTarget[]
}

export interface FamilyParts {
  readonly family: IpFamily
  readonly podCidrs: readonly string[]
  readonly commands: Commands
  readonly log: Log
}

export class FamilyRules {
  readonly family: IpFamily
  readonly #parts: FamilyParts
  readonly #table: Table
  readonly #udp = new Map<string, readonly UdpTarget[]>()
  /** Targets whose flows may lead elsewhere by now; kept until they have been looked at. */
  readonly #suspects = new Map<string, readonly UdpTarget[]>()
  /** What was asked for, and what was done, counted: one may come while the other goes on. */
  #distrusted = 1
  #wholesDone = 0

  constructor(parts: FamilyParts) {
    this.#parts = parts
    this.family = parts.family
    this.#table = new Table(parts.family, fixedRules(parts))
  }

  /** All has to be written again: nobody knows what is there. */
  distrust(): void {
    this.#distrusted++
  }

  get isWholeDue(): boolean {
    return this.#wholesDone < this.#distrusted
  }

  get owners(): IterableIterator<string> {
    return this.#table.owners
  }

  replace(owner: string, wanted: Wanted | undefined): void {
    this.#table.replace(owner, wanted?.piece)
    const previous = this.#udp.get(owner) ?? []
    const next = wanted?.udp ?? []
    if (next.length > 0) this.#udp.set(owner, next)
    else this.#udp.delete(owner)
    if (mayLeaveFlows(previous, next)) {
      this.#suspects.set(owner, [...previous.map((each) => ({ ...each, backends: [] })), ...next])
    }
  }

  /** True when something was written. After a failure the next attempt writes everything. */
  async sync(nodeAddresses: readonly string[]): Promise<boolean> {
    const { commands, log } = this.#parts
    const isWhole = this.isWholeDue
    const distrusted = this.#distrusted
    const delta = isWhole ? undefined : this.#table.delta()
    if (isWhole) {
      await applyWhole(commands, this.#table, this.family, (error) =>
        log.warn('cannot change the table in place, made it anew', { family: this.family, error }),
      )
      this.#wholesDone = distrusted
    } else if (delta) await this.#applyDelta(delta)
    await this.#clearFlows(nodeAddresses)
    return isWhole || delta !== undefined
  }

  async #applyDelta(delta: Transaction): Promise<void> {
    try {
      await apply(this.#parts.commands, delta)
    } catch (error) {
      this.distrust()
      throw error
    }
  }

  async #clearFlows(nodeAddresses: readonly string[]): Promise<void> {
    const suspects = [...this.#suspects]
    if (suspects.length === 0) return
    const { commands, log } = this.#parts
    const targets = suspects.flatMap(([, each]) => each)
    const family = this.family === 'IPv4' ? 'ipv4' : 'ipv6'
    const count = await clearStaleFlows(commands, family, targets, nodeAddresses)
    for (const [owner, each] of suspects) {
      if (this.#suspects.get(owner) === each) this.#suspects.delete(owner)
    }
    if (count > 0) log.debug('cleared flows to endpoints that are gone', { count })
  }
}

/** Only what lost an endpoint, or got its first one, can have flows that lead elsewhere. */
function mayLeaveFlows(previous: readonly UdpTarget[], next: readonly UdpTarget[]): boolean {
  const keyOf = ({ address = '', port }: UdpTarget): string => `${address} ${port}`
  const before = new Map(previous.map((each) => [keyOf(each), each.backends]))
  const after = new Map(next.map((each) => [keyOf(each), new Set(each.backends)]))
  const lost = [...before].some(([key, backends]) =>
    backends.some((backend) => !after.get(key)?.has(backend)),
  )
  return lost || [...after].some(([key, to]) => to.size > 0 && !before.get(key)?.length)
}
