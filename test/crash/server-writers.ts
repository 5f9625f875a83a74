/** Clients whose every request can be accounted for after the server has died under them. */
import type { Random } from '#daemon/random.ts'
import type { Call } from '../json-client.ts'

/** Collections of every way in which a server keeps objects. */
export const collections = {
  /** Written before they are acknowledged. */
  configmaps: { path: '/api/v1/namespaces/default/configmaps', body: {} },
  /** Acknowledged before they are flushed. */
  leases: { path: '/apis/coordination.k8s.io/v1/namespaces/default/leases', body: {} },
  /** Written together with the addresses and ports they take. */
  services: {
    path: '/api/v1/namespaces/default/services',
    body: { spec: { type: 'NodePort', ports: [{ port: 80 }] } },
  },
  /** Served from what a definition in the same store says. */
  things: { path: '/apis/crash.example.com/v1/namespaces/default/things', body: {} },
} as const

export type Collection = keyof typeof collections

const NAMES = 4

export interface Found {
  readonly metadata: {
    readonly name: string
    readonly resourceVersion: string
    readonly labels?: Readonly<Record<string, string>>
  }
}

interface State {
  readonly object: Found
  readonly count: number
}

interface Pending {
  readonly name: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly count: number
}

/** How a change reads in a watch: no two changes of an object read the same. */
export const changeText = (type: string, { metadata }: Found): string =>
  type === 'DELETED'
    ? `DELETED ${metadata.labels?.count}`
    : `${type} ${metadata.labels?.count} @${metadata.resourceVersion}`

/** Alone in writing its few objects, so that it knows what they must be. */
export class Writer {
  readonly collection: Collection
  readonly names: readonly string[]
  /** What was changed, in order, by name. */
  readonly changes = new Map<string, string[]>()
  readonly wrong: string[] = []
  acknowledged = 0
  /** Requests without an answer, and those of them that had an effect. */
  readonly unanswered = { all: 0, done: 0 }
  readonly #random: Random
  readonly #states = new Map<string, State>()
  readonly #counts = new Map<string, number>()
  #pending: Pending | undefined

  constructor(collection: Collection, index: number, random: Random) {
    this.collection = collection
    this.names = Array.from({ length: NAMES }, (_, each) => `w${index}-${each}`)
    this.#random = random
    for (const name of this.names) this.changes.set(name, [])
  }

  /** Changes one object after the other until the server does not take it. */
  async work(call: Call): Promise<void> {
    while (await this.#step(call)) this.acknowledged++
  }

  async #step(call: Call): Promise<boolean> {
    const pending = this.#choose()
    let answer: Awaited<ReturnType<Call>>
    try {
      answer = await this.#send(call, pending)
    } catch {
      this.#pending = pending
      this.unanswered.all++
      return false
    }
    const { status, body } = answer
    if (status === 200 || status === 201) {
      this.#done(pending, body)
      return true
    }
    const isStopping = status === 429 && String(body.message).includes('shutting down')
    if (!isStopping) this.wrong.push(`${pending.type} ${pending.name}: ${JSON.stringify(body)}`)
    return false
  }

  #choose(): Pending {
    const name = this.names[this.#random.below(NAMES)]!
    const state = this.#states.get(name)
    const next = (this.#counts.get(name) ?? 0) + 1
    if (!state) return { name, type: 'ADDED', count: next }
    if (this.#random.below(3) === 0) return { name, type: 'DELETED', count: state.count }
    return { name, type: 'MODIFIED', count: next }
  }

  #send(call: Call, { name, type, count }: Pending): ReturnType<Call> {
    const { path, body } = collections[this.collection]
    const labels = { count: `${count}` }
    if (type === 'DELETED') return call('DELETE', `${path}/${name}`)
    if (type === 'ADDED') return call('POST', path, this.#typed({ ...body }, { name, labels }))
    const { object } = this.#states.get(name)!
    return call('PUT', `${path}/${name}`, { ...object, metadata: { ...object.metadata, labels } })
  }

  #typed(body: object, metadata: object): object {
    if (this.collection !== 'things') return { ...body, metadata }
    return { apiVersion: 'crash.example.com/v1', kind: 'Thing', ...body, metadata }
  }

  #done({ name, type, count }: Pending, object: Found): void {
    const before = this.#states.get(name)
    if (type === 'DELETED') this.#states.delete(name)
    else this.#states.set(name, { object, count })
    this.#counts.set(name, count)
    const changed = type === 'DELETED' ? before!.object : object
    this.changes.get(name)!.push(changeText(type, changed))
  }

  /** Compares what a restart found with what was acknowledged. */
  check(objects: ReadonlyMap<string, Found>): void {
    for (const name of this.names) {
      const found = objects.get(name)
      const state = this.#states.get(name)
      if (versionOf(found) === versionOf(state?.object)) continue
      if (this.#hasHappened(name, found)) this.#resolve(this.#pending!, found)
      else this.wrong.push(`${name}: found ${textOf(found)}, acknowledged ${textOf(state?.object)}`)
    }
    this.#pending = undefined
  }

  /** What was under way when the server died may have happened, but only once. */
  #hasHappened(name: string, found: Found | undefined): boolean {
    const pending = this.#pending
    if (pending?.name !== name) return false
    if (pending.type === 'DELETED') return found === undefined
    return found?.metadata.labels?.count === `${pending.count}`
  }

  #resolve(pending: Pending, found: Found | undefined): void {
    this.unanswered.done++
    this.#done(pending, found ?? this.#states.get(pending.name)!.object)
  }
}

const versionOf = (object: Found | undefined): string =>
  object ? `${object.metadata.resourceVersion} ${object.metadata.labels?.count}` : 'nothing'

const textOf = (object: Found | undefined): string =>
  object ? changeText('version', object) : 'nothing'
