/**
 * Keeps the table of resources as the stored definitions want it, and tells in their status what
 * has become of them. Definitions are looked at one by one behind the writes that change them.
 */
import { isDeepStrictEqual } from 'node:util'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
} from '#api/kinds/apiextensions/custom-resource-definition.ts'
import {
  CLEANUP_FINALIZER,
  isTrue,
  negotiatedStatus,
  type TakenNames,
} from '#api/rules/definition-status.ts'
import { epochToTime } from '#api/time.ts'
import type { Timer } from '#daemon/clock.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { trackedUpdate } from '../managed-fields.ts'
import type { ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { Change, Watch } from '../store/store.ts'
import { isStoreError } from '../store/store-error.ts'
import type { ApiObject } from '../stored-object.ts'
import { scopeOf } from '../update-scope.ts'
import { ApiServices } from './api-services.ts'
import type { CustomResource } from './custom-resource.ts'
import {
  definitionOf,
  type Outline,
  outlineOf,
  resourcesOf,
  servedAs,
  versionsOf,
} from './definition.ts'
import { Removal } from './removal.ts'

type Definition = CustomResourceDefinition

/** How long a definition that could not be handled is left alone. */
const RETRY_MS = 5_000
/** Definitions whose status is being written at the same time. */
const UNDER_WAY_MAX = 64

interface Served {
  readonly outline: Outline
  /** The storage version first; those that are not served are not in the table. */
  readonly resources: readonly CustomResource[]
  readonly retirement: AbortController
}

export class CustomResources implements AsyncDisposable {
  readonly #parts: ServerParts
  readonly #resource: Resource
  readonly #apiServices: ApiServices
  readonly #outlines = new Map<string, Outline>()
  readonly #served = new Map<string, Served>()
  readonly #removals = new Map<string, Removal>()
  readonly #pending = new Set<string>()
  readonly #retries = new Set<Timer>()
  readonly #watch: Watch
  #draining: Promise<void> | undefined
  #isOver = false

  /** Everything that is established is served when this returns. */
  constructor(parts: ServerParts) {
    const resource = parts.resources.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')
    if (!resource) throw new Error('custom resources: definitions are not served')
    this.#parts = parts
    this.#resource = resource
    this.#apiServices = new ApiServices(parts)
    const { entries, revision } = parts.store.list(resource.prefix)
    const unsettled = entries.map(({ key }) => key).filter((key) => this.#load(key))
    this.#watch = parts.store.watch(
      { prefix: resource.prefix, after: revision },
      { change: (change) => this.#changed(change), end: () => this.#stop() },
    )
    this.#apiServices.update()
    for (const key of unsettled) this.#enqueue(key)
  }

  /** Resolves when every definition is as its last change wants it, or waits for its objects. */
  async settled(): Promise<void> {
    while (this.#draining) await this.#draining
    await this.#apiServices.settled()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop()
    await this.#draining
    const removals = [...this.#removals.values()].map((each) => each[Symbol.asyncDispose]())
    await settleAll([...removals, this.#apiServices[Symbol.asyncDispose]()])
  }

  #stop(): void {
    this.#isOver = true
    this.#watch.close()
    this.#pending.clear()
    for (const retry of this.#retries) retry.cancel()
  }

  #changed({ key }: Change): boolean {
    this.#enqueue(key)
    return true
  }

  #enqueue(key: string): void {
    if (this.#isOver) return
    this.#pending.add(key)
    this.#draining ??= this.#drain()
  }

  /** Gives way to requests between two definitions; writes of several share flushes. */
  async #drain(): Promise<void> {
    const underWay = new Set<Promise<void>>()
    await new Promise((resolve) => setImmediate(resolve))
    for (;;) {
      for (const key of this.#pending) {
        this.#pending.delete(key)
        const work = this.#handled(key).finally(() => underWay.delete(work))
        underWay.add(work)
        if (underWay.size >= UNDER_WAY_MAX) await Promise.race(underWay)
        await new Promise((resolve) => setImmediate(resolve))
      }
      this.#apiServices.update()
      await Promise.all(underWay)
      if (!this.#pending.size) break
    }
    this.#draining = undefined
  }

  async #handled(key: string): Promise<void> {
    try {
      await this.#handle(key)
    } catch (error) {
      this.#retry(key, error)
    }
  }

  #retry(key: string, error: unknown): void {
    if (this.#isOver) return
    const { clock, log } = this.#parts
    log.error('custom resource definition not handled', { key, error })
    const timer = clock.setTimeout(() => {
      this.#retries.delete(timer)
      this.#enqueue(key)
    }, RETRY_MS)
    this.#retries.add(timer)
  }

  /** Serves what is established already, and answers whether there is more to do. */
  #load(key: string): boolean {
    const definition = this.#read(key)
    if (!definition) return false
    const outline = this.#outline(key, definition)
    if (isServable(definition)) this.#serve(outline)
    const isSettled = isTrue(definition, 'NamesAccepted') && isTrue(definition, 'Established')
    return !isSettled || isGoing(definition)
  }

  #read(key: string): Definition | undefined {
    const entry = this.#parts.store.get(key)
    return entry && definitionOf(this.#resource, entry)
  }

  #outline(key: string, definition: Definition): Outline {
    const known = this.#outlines.get(key)
    const isSame = known?.definition.metadata.uid === definition.metadata.uid
    const life = isSame ? known!.life : { isClosed: false }
    life.isClosed ||= isGoing(definition)
    const outline = outlineOf(key, definition, life)
    this.#outlines.set(key, outline)
    return outline
  }

  async #handle(key: string): Promise<void> {
    const definition = this.#read(key)
    if (!definition) return this.#forget(key)
    if (isGoing(definition)) return this.#remove(key, definition)
    const { taken } = this.#groupOf(key, definition)
    const status = negotiatedStatus(definition, taken, this.#now())
    const next = { ...definition, status }
    const outline = this.#outline(key, next)
    // Whoever reads that it is established finds it served.
    if (isServable(next)) this.#serve(outline)
    else this.#retire(key)
    if (isDeepStrictEqual(status, definition.status)) return
    await this.#writeStatus(definition, next)
    if (!isDeepStrictEqual(status.acceptedNames, definition.status.acceptedNames)) {
      this.#reconsider(key, definition)
    }
  }

  /** Names may have become free for others of the group. */
  #reconsider(key: string, definition: Definition): void {
    for (const { definition: other, key: otherKey } of this.#groupOf(key, definition).others) {
      if (!isTrue(other, 'NamesAccepted')) this.#enqueue(otherKey)
    }
  }

  #groupOf(key: string, { spec }: Definition) {
    const others = [...this.#outlines.values()].filter(
      (each) => each.key !== key && each.definition.spec.group === spec.group,
    )
    return { others, taken: takenBy(others.map((each) => each.definition.status.acceptedNames)) }
  }

  /** A definition that changed meanwhile is looked at again because of that change. */
  async #writeStatus(previous: Definition, next: Definition): Promise<void> {
    const [object, present] = [structuredClone(next), previous] as object[] as ApiObject[]
    const write = {
      fieldManager: 'kube-apiserver',
      now: this.#parts.clock.now(),
      scope: scopeOf(this.#resource, 'status'),
    }
    trackedUpdate(this.#resource, object!, present!, write)
    const expected = Number(previous.metadata.resourceVersion)
    try {
      await this.#parts.store.update(this.#resource.draft(object!), expected)
    } catch (error) {
      if (!isStoreError(error, 'Conflict', 'KeyNotFound', 'Closed')) throw error
    }
  }

  #serve(outline: Outline): void {
    const { key, definition } = outline
    const before = this.#served.get(key)
    if (before && servedAs(before.outline) === servedAs(outline)) return
    const retirement = new AbortController()
    const source = { store: this.#parts.store, resource: this.#resource }
    const resources = resourcesOf(source, outline, retirement.signal)
    this.#retire(key)
    const isFree = [...this.#parts.resources.at(resources[0]!.prefix)].length === 0
    const names = new Set(versionsOf(definition).flatMap((each) => (each.served ? each.name : [])))
    // What is built in is never replaced.
    const table = isFree ? resources.filter(({ version }) => names.has(version)) : []
    for (const resource of table) this.#parts.resources.add(resource)
    this.#served.set(key, { outline, resources, retirement })
  }

  #retire(key: string): void {
    const served = this.#served.get(key)
    if (!served) return
    this.#served.delete(key)
    for (const resource of served.resources) this.#parts.resources.remove(resource)
    served.retirement.abort()
  }

  #forget(key: string): void {
    const outline = this.#outlines.get(key)
    this.#outlines.delete(key)
    this.#retire(key)
    if (outline) this.#reconsider(key, outline.definition)
  }

  /** Objects go first; how long that takes is up to their finalizers. */
  #remove(key: string, definition: Definition): void {
    const outline = this.#outline(key, definition)
    const { uid, finalizers } = definition.metadata
    if (isServable(definition)) this.#serve(outline)
    if (!finalizers?.includes(CLEANUP_FINALIZER) || this.#removals.has(uid)) return
    const resource = this.#served.get(key)?.resources[0]
    const removal = new Removal(this.#parts, this.#resource, {
      key,
      uid,
      resource: isTrue(definition, 'Established') ? resource : undefined,
      retire: () => this.#retire(key),
    })
    this.#removals.set(uid, removal)
    void removal.done.then(() => this.#removals.delete(uid))
  }

  #now(): string {
    return epochToTime(Math.floor(this.#parts.clock.now() / 1000))
  }
}

const isServable = (definition: Definition): boolean =>
  isTrue(definition, 'NamesAccepted') || isTrue(definition, 'Established')

const isGoing = ({ metadata }: Definition): boolean => Boolean(metadata.deletionTimestamp)

function takenBy(all: readonly CustomResourceDefinitionNames[]): TakenNames {
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const { plural, singular, shortNames, kind, listKind } of all) {
    for (const name of [plural, singular, ...(shortNames ?? [])]) if (name) resources.add(name)
    for (const name of [kind, listKind]) if (name) kinds.add(name)
  }
  return { resources, kinds }
}
