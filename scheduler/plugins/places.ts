/** Numbers by topology key and value: sums that others keep, and what is added while one tries. */
import type { NodeInfo } from '../node-info.ts'
import { addTo } from '../tallies.ts'

interface Layer {
  readonly sums: ReadonlyMap<string, number>
  readonly factor: number
}

interface OfKey {
  readonly layers: Layer[]
  readonly tried: Map<string, number>
}

export class Places {
  readonly #byKey = new Map<string, OfKey>()

  /** Whether all numbers are nothing. */
  get isEmpty(): boolean {
    for (const { layers, tried } of this.#byKey.values()) {
      for (const each of [...layers.map(({ sums }) => sums), tried]) {
        for (const value of each.keys()) if (totalAt(layers, tried, value) !== 0) return false
      }
    }
    return true
  }

  put(topologyKey: string, sums: ReadonlyMap<string, number>, factor = 1): void {
    this.#ofKey(topologyKey).layers.push({ sums, factor })
  }

  add({ labels }: NodeInfo, topologyKey: string, amount: number): void {
    addTo(this.#ofKey(topologyKey).tried, labels[topologyKey], amount)
  }

  at({ labels }: NodeInfo, topologyKey: string): number {
    const ofKey = this.#byKey.get(topologyKey)
    const value = labels[topologyKey]
    return ofKey && value !== undefined ? totalAt(ofKey.layers, ofKey.tried, value) : 0
  }

  sumAt({ labels }: NodeInfo): number {
    let sum = 0
    for (const [topologyKey, { layers, tried }] of this.#byKey) {
      const value = labels[topologyKey]
      if (value !== undefined) sum += totalAt(layers, tried, value)
    }
    return sum
  }

  #ofKey(topologyKey: string): OfKey {
    const known = this.#byKey.get(topologyKey)
    if (known) return known
    const ofKey: OfKey = { layers: [], tried: new Map() }
    this.#byKey.set(topologyKey, ofKey)
    return ofKey
  }
}

function totalAt(
  layers: readonly Layer[],
  tried: ReadonlyMap<string, number>,
  value: string,
): number {
  let sum = tried.size > 0 ? (tried.get(value) ?? 0) : 0
  for (const { sums, factor } of layers) sum += factor * (sums.get(value) ?? 0)
  return sum
}
