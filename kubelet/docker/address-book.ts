/** Who has which address on this node; each sandbox's label is the record that outlives us. */
import { addressRange, nextAddress } from './addresses.ts'
import type { PodAddress } from './labels.ts'

export class AddressBook {
  readonly #podCidrs: () => readonly string[]
  readonly #holders = new Map<string, string>()
  readonly #lastGiven = new Map<string, string>()

  /** The node's ranges, which it may not have yet: they are asked for each time. */
  constructor(podCidrs: () => readonly string[]) {
    this.#podCidrs = podCidrs
  }

  /** Rejects with a plain reason while no pod can have an address. */
  check(): void {
    if (this.#podCidrs().length === 0) {
      throw new Error('pod network: this node has no podCIDR yet, wanted one from the cluster')
    }
  }

  /** One of each range, for a sandbox of this name. */
  take(holder: string): readonly PodAddress[] {
    this.check()
    return this.#podCidrs().map((cidr) => {
      const range = addressRange(cidr)
      const isTaken = (address: string): boolean => this.#holders.has(address)
      const ip = nextAddress(range, isTaken, this.#lastGiven.get(cidr))
      if (ip === undefined) {
        throw new Error(`pod network: ${cidr} has no free address left for another pod`)
      }
      this.#holders.set(ip, holder)
      this.#lastGiven.set(cidr, ip)
      return { ip, gateway: range.gateway }
    })
  }

  /** What a sandbox has had since before this process began. */
  keep(holder: string, ips: readonly string[]): void {
    for (const ip of ips) this.#holders.set(ip, holder)
  }

  /** Nothing happens where somebody else has it by now. */
  free(holder: string, ips: readonly string[]): void {
    for (const ip of ips) if (this.#holders.get(ip) === holder) this.#holders.delete(ip)
  }
}
