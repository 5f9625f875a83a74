/** What a table of nftables should hold, piece by piece, and the way there by transactions. */
import type { IpFamily } from '#api/ip.ts'
import { type FixedRules, nftFamily } from './fixed-rules.ts'
import { elementPlace, type Piece } from './piece.ts'

/** The chains and sets that a table has, as nft lists them. */
export interface Present {
  readonly chains: readonly string[]
  readonly sets: readonly string[]
}

/** Transactions are text for `nft -f -`: all of it is done, or nothing. */
export interface Transaction {
  readonly text: string
  /** To be called when it is done: what was wanted is then there. */
  done(): void
}

const TABLE = 'kube-proxy'
/** nft copes with any length, but messages about a line quote it. */
const ELEMENTS_PER_LINE_MAX = 500

/**
 * Several owners may want the same element, such as an external address. The first by name has it;
 * when it goes, the next one gets it.
 */
export class Table {
  readonly #name: string
  readonly #fixed: FixedRules
  readonly #maps: ReadonlySet<string>
  readonly #pieces = new Map<string, Piece>()
  readonly #chains = new Map<string, readonly string[]>()
  readonly #sets = new Map<string, string>()
  readonly #claims = new Map<string, Map<string, string>>()
  /** What is different from what was last done. */
  #changedChains = new Set<string>()
  #changedSets = new Set<string>()
  #changedElements = new Set<string>()
  readonly #doneChains = new Map<string, readonly string[]>()
  readonly #doneSets = new Map<string, string>()
  readonly #doneElements = new Map<string, string>()

  constructor(family: IpFamily, fixed: FixedRules) {
    this.#name = `${nftFamily(family)} ${TABLE}`
    this.#fixed = fixed
    this.#maps = new Set(fixed.sets.filter(({ kind }) => kind === 'map').map(({ name }) => name))
  }

  /** Replaces all that an owner wants; undefined when it wants nothing any more. */
  replace(owner: string, piece: Piece | undefined): void {
    const previous = this.#pieces.get(owner)
    for (const chain of previous?.chains.keys() ?? []) this.#setChain(chain, undefined)
    for (const set of previous?.sets.keys() ?? []) this.#setSet(set, undefined)
    for (const key of previous?.elements.keys() ?? []) {
      if (!piece?.elements.has(key)) this.#claim(key, owner, undefined)
    }
    if (!piece) {
      this.#pieces.delete(owner)
      return
    }
    this.#pieces.set(owner, piece)
    for (const [chain, rules] of piece.chains) this.#setChain(chain, rules)
    for (const [set, definition] of piece.sets) this.#setSet(set, definition)
    for (const [key, value] of piece.elements) this.#claim(key, owner, value)
  }

  get owners(): IterableIterator<string> {
    return this.#pieces.keys()
  }

  /** From what was last done to what is wanted now; undefined when there is no difference. */
  delta(): Transaction | undefined {
    const chains = [...this.#changedChains].filter(
      (name) => !sameRules(this.#chains.get(name), this.#doneChains.get(name)),
    )
    const sets = [...this.#changedSets].filter(
      (name) => this.#sets.get(name) !== this.#doneSets.get(name),
    )
    const elements = [...this.#changedElements].filter(
      (key) => this.#winner(key) !== this.#doneElements.get(key),
    )
    if (chains.length + sets.length + elements.length === 0) return undefined
    const gone = chains.filter((name) => !this.#chains.has(name))
    const goneElements = elements.filter((key) => this.#doneElements.has(key))
    const lines = [
      ...this.#setLines(sets.filter((name) => this.#sets.has(name))),
      ...this.#chainLines(chains, (name) => this.#doneChains.has(name)),
      ...this.#elementLines('delete', goneElements, () => undefined),
      ...this.#elementLines('add', elements, (key) => this.#winner(key)),
      ...gone.map((name) => `delete chain ${this.#name} ${name}`),
      ...sets
        .filter((name) => !this.#sets.has(name))
        .map((name) => `delete set ${this.#name} ${name}`),
    ]
    return this.#transaction(lines)
  }

  /**
   * From whatever is there to what is wanted. Sets with what they remember about clients stay,
   * unless everything is to be made anew, as when an older table has another form.
   */
  whole(present: Present, isAnew: boolean): Transaction {
    const known = isAnew ? { chains: [], sets: [] } : present
    const fixedChains = new Set(this.#fixed.chains.map(({ name }) => name))
    const fixedSets = new Set(this.#fixed.sets.map(({ name }) => name))
    const isThere = new Set(known.chains)
    const goneChains = known.chains.filter(
      (name) => !this.#chains.has(name) && !fixedChains.has(name),
    )
    const goneSets = known.sets.filter((name) => !this.#sets.has(name) && !fixedSets.has(name))
    const elements = [...this.#claims.keys()]
    this.#changedChains = new Set([...this.#chains.keys(), ...this.#doneChains.keys()])
    this.#changedSets = new Set([...this.#sets.keys(), ...this.#doneSets.keys()])
    this.#changedElements = new Set([...elements, ...this.#doneElements.keys()])
    const lines = [
      `add table ${this.#name}`,
      ...(isAnew ? [`delete table ${this.#name}`, `add table ${this.#name}`] : []),
      ...this.#fixed.sets.flatMap(({ kind, name, definition }) => [
        `add ${kind} ${this.#name} ${name} { ${definition} }`,
        `flush ${kind} ${this.#name} ${name}`,
      ]),
      ...this.#fixedChainLines(),
      ...this.#setLines([...this.#sets.keys()]),
      ...goneChains.map((name) => `flush chain ${this.#name} ${name}`),
      ...this.#chainLines([...this.#chains.keys()], (name) => isThere.has(name)),
      ...this.#elementLines('add', elements, (key) => this.#winner(key)),
      ...goneChains.map((name) => `delete chain ${this.#name} ${name}`),
      ...goneSets.map((name) => `delete set ${this.#name} ${name}`),
    ]
    return this.#transaction(lines)
  }

  #transaction(lines: readonly string[]): Transaction {
    const chains = new Map([...this.#changedChains].map((name) => [name, this.#chains.get(name)]))
    const sets = new Map([...this.#changedSets].map((name) => [name, this.#sets.get(name)]))
    const elements = new Map([...this.#changedElements].map((key) => [key, this.#winner(key)]))
    // What changes while the transaction runs belongs to the next one.
    this.#changedChains = new Set()
    this.#changedSets = new Set()
    this.#changedElements = new Set()
    return {
      text: `${lines.join('\n')}\n`,
      done: () => {
        for (const [name, rules] of chains) put(this.#doneChains, name, rules)
        for (const [name, definition] of sets) put(this.#doneSets, name, definition)
        for (const [key, value] of elements) put(this.#doneElements, key, value)
      },
    }
  }

  #fixedChainLines(): string[] {
    const { chains } = this.#fixed
    return [
      ...chains.map(({ name, hook }) =>
        hook ? `add chain ${this.#name} ${name} { ${hook} }` : `add chain ${this.#name} ${name}`,
      ),
      ...chains.map(({ name }) => `flush chain ${this.#name} ${name}`),
      ...chains.flatMap(({ name, rules }) =>
        rules.map((rule) => `add rule ${this.#name} ${name} ${rule}`),
      ),
    ]
  }

  #setLines(names: readonly string[]): string[] {
    return names.map((name) => `add set ${this.#name} ${name} { ${this.#sets.get(name)} }`)
  }

  /** All chains are made before any rule, as rules name other chains. */
  #chainLines(names: readonly string[], isThere: (name: string) => boolean): string[] {
    return [
      ...names.filter((name) => !isThere(name)).map((name) => `add chain ${this.#name} ${name}`),
      ...names.filter(isThere).map((name) => `flush chain ${this.#name} ${name}`),
      ...names.flatMap((name) =>
        (this.#chains.get(name) ?? []).map((rule) => `add rule ${this.#name} ${name} ${rule}`),
      ),
    ]
  }

  #elementLines(
    verb: 'add' | 'delete',
    keys: readonly string[],
    valueAt: (key: string) => string | undefined,
  ): string[] {
    const bySet = new Map<string, string[]>()
    for (const joined of keys) {
      const { set, key } = elementPlace(joined)
      const value = valueAt(joined)
      if (verb === 'add' && value === undefined) continue
      const text = value && this.#maps.has(set) ? `${key} : ${value}` : key
      const texts = bySet.get(set)
      if (texts) texts.push(text)
      else bySet.set(set, [text])
    }
    return [...bySet].flatMap(([set, texts]) =>
      slicesOf(texts, ELEMENTS_PER_LINE_MAX).map(
        (some) => `${verb} element ${this.#name} ${set} { ${some.join(', ')} }`,
      ),
    )
  }

  #setChain(name: string, rules: readonly string[] | undefined): void {
    put(this.#chains, name, rules)
    this.#changedChains.add(name)
  }

  #setSet(name: string, definition: string | undefined): void {
    put(this.#sets, name, definition)
    this.#changedSets.add(name)
  }

  #claim(key: string, owner: string, value: string | undefined): void {
    const claims = this.#claims.get(key) ?? new Map<string, string>()
    put(claims, owner, value)
    if (claims.size > 0) this.#claims.set(key, claims)
    else this.#claims.delete(key)
    this.#changedElements.add(key)
  }

  #winner(key: string): string | undefined {
    const claims = this.#claims.get(key)
    if (!claims) return undefined
    let first: string | undefined
    for (const owner of claims.keys()) if (first === undefined || owner < first) first = owner
    return claims.get(first!)
  }
}

function put<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}

function sameRules(left: readonly string[] | undefined, right: readonly string[] | undefined) {
  if (left === right) return true
  return left?.length === right?.length && !!left?.every((rule, at) => rule === right?.[at])
}

function slicesOf<Item>(items: readonly Item[], lengthMax: number): Item[][] {
  const count = Math.ceil(items.length / lengthMax)
  return Array.from({ length: count }, (_, at) => items.slice(at * lengthMax, (at + 1) * lengthMax))
}
