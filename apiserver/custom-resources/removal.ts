/** The end of a definition: its objects are deleted, waited for, and then it goes itself. */
import type { CustomResourceDefinition } from '#api/kinds/apiextensions/custom-resource-definition.ts'
import { CLEANUP_FINALIZER, setTerminating } from '#api/rules/definition-status.ts'
import { epochToTime } from '#api/time.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { trackedUpdate } from '../managed-fields.ts'
import type { ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import { selfContext } from '../self.ts'
import type { Entry } from '../store/store.ts'
import { isStoreError } from '../store/store-error.ts'
import type { ApiObject } from '../stored-object.ts'
import { scopeOf } from '../update-scope.ts'
import { deleteEntry } from '../verbs/delete.ts'
import { definitionOf } from './definition.ts'

export interface RemovalOptions {
  readonly key: string
  readonly uid: string
  /** Any version of what is to be removed; undefined when nothing was ever served. */
  readonly resource: Resource | undefined
  /** Ends the service of the resource. */
  retire(): void
}

/** Deleted side by side, so that they share flushes of the store. */
const BATCH = 64
/** Objects that are still there after that are reported. */
const PATIENCE_MS = 60_000
const RETRY_MS = 5_000

type Definition = CustomResourceDefinition

export class Removal implements AsyncDisposable {
  /** Resolves in any case: when all is gone, when somebody else finished it, or when stopped. */
  readonly done: Promise<void>
  readonly #parts: ServerParts
  readonly #definitions: Resource
  readonly #options: RemovalOptions
  readonly #stopped = new AbortController()

  constructor(parts: ServerParts, definitions: Resource, options: RemovalOptions) {
    this.#parts = parts
    this.#definitions = definitions
    this.#options = options
    this.done = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort()
    await this.done
  }

  async #run(): Promise<void> {
    const { key, resource } = this.#options
    while (!this.#stopped.signal.aborted) {
      try {
        if (resource) await this.#removeObjects(resource)
        await this.#finish(resource !== undefined)
        return
      } catch (error) {
        if (this.#stopped.signal.aborted || isStoreError(error, 'Closed')) return
        this.#parts.log.error('custom resources not removed', { key, error })
        await this.#sleep(RETRY_MS)
      }
    }
  }

  /** Objects in a prefix that belongs to a built-in resource are not ours to delete. */
  async #removeObjects(resource: Resource): Promise<void> {
    const inProgress = 'CustomResource deletion is in progress'
    // Behind this write no create can follow that began before the definition was going.
    const isOurs = await this.#note('InstanceDeletionInProgress', inProgress)
    if (!isOurs || this.#isForeign(resource)) return
    for (;;) {
      await this.#deleteAll(resource)
      if (await this.#isEmpty(resource)) return
      const left = 'could not confirm zero CustomResources remaining'
      const why = 'timed out waiting for the condition'
      await this.#note('InstanceDeletionCheck', `${left}: ${why}`)
    }
  }

  #isForeign({ prefix }: Resource): boolean {
    return [...this.#parts.resources.at(prefix)].some((each) => !each.isCustom)
  }

  async #deleteAll(resource: Resource): Promise<void> {
    const { entries } = this.#parts.store.list(resource.prefix)
    try {
      for (let at = 0; at < entries.length; at += BATCH) {
        const batch = entries.slice(at, at + BATCH)
        await settleAll(batch.map((entry) => this.#deleteOne(resource, entry)))
        this.#stopped.signal.throwIfAborted()
      }
    } catch (error) {
      this.#stopped.signal.throwIfAborted()
      const messages = error instanceof AggregateError ? error.errors : [error]
      const [first] = messages.map((each: unknown) => (each instanceof Error ? each.message : ''))
      const message = `could not issue all deletes: ${first}`
      await this.#note('InstanceDeletionFailed', message)
      throw error
    }
  }

  async #deleteOne(resource: Resource, entry: Entry): Promise<void> {
    const { metadata } = resource.parse(entry)
    const { name, namespace = '' } = metadata
    const context = selfContext(resource, 'delete', namespace, name)
    const options = { kind: 'DeleteOptions', apiVersion: 'v1' } as const
    let current: Entry | undefined = entry
    while (current && !(await deleteEntry(context, this.#parts, resource, options, current))) {
      current = this.#parts.store.get(entry.key)
    }
  }

  /** Waits for what finalizers hold; false when that takes long. */
  async #isEmpty({ prefix }: Resource): Promise<boolean> {
    const { store, clock } = this.#parts
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    using _timeout = clock.setTimeout(() => resolve(false), PATIENCE_MS)
    const check = (): boolean => {
      if (store.count(prefix) === 0) resolve(true)
      return true
    }
    const stop = (): void => reject(this.#stopped.signal.reason)
    this.#stopped.signal.addEventListener('abort', stop)
    using _watch = store.watch({ prefix, after: store.revision }, { change: check, end: reject })
    check()
    try {
      return await promise
    } finally {
      this.#stopped.signal.removeEventListener('abort', stop)
    }
  }

  /** Says in the status what is going on; false when the definition is not there any more. */
  #note(reason: string, message: string): Promise<boolean> {
    return this.#change((next) => setTerminating(next, 'True', reason, message, this.#now()))
  }

  async #finish(wasServed: boolean): Promise<void> {
    const { resource } = this.#options
    this.#options.retire()
    const isForeign = resource !== undefined && this.#isForeign(resource)
    const [reason, message] = !wasServed
      ? ['NeverEstablished', 'resource was never established']
      : isForeign
        ? ['OverlappingBuiltInResource', 'instances overlap with built-in resources in storage']
        : ['InstanceDeletionCompleted', 'removed all instances']
    await this.#change((next) => {
      setTerminating(next, 'False', reason!, message!, this.#now())
      const finalizers = next.metadata.finalizers?.filter((each) => each !== CLEANUP_FINALIZER)
      if (finalizers?.length) next.metadata.finalizers = finalizers
      else delete next.metadata.finalizers
    })
  }

  /** A definition without finalizers is gone. */
  async #change(edit: (next: Definition) => void): Promise<boolean> {
    const { store, clock } = this.#parts
    const { key, uid } = this.#options
    for (;;) {
      const entry = store.get(key)
      const present = entry && definitionOf(this.#definitions, entry)
      if (!entry || present?.metadata.uid !== uid) return false
      const next = structuredClone(present)
      edit(next)
      const scope = scopeOf(this.#definitions, 'status')
      const [object, before] = [next, present] as object[] as ApiObject[]
      const write = { fieldManager: 'kube-apiserver', now: clock.now(), scope }
      trackedUpdate(this.#definitions, object!, before!, write)
      try {
        if (!next.metadata.finalizers?.length) await store.delete(key, entry.revision)
        else await store.update(this.#definitions.draft(object!), entry.revision)
        return true
      } catch (error) {
        if (!isStoreError(error, 'Conflict', 'KeyNotFound')) throw error
      }
    }
  }

  #now(): string {
    return epochToTime(Math.floor(this.#parts.clock.now() / 1000))
  }

  async #sleep(milliseconds: number): Promise<void> {
    try {
      await this.#parts.clock.sleep(milliseconds, this.#stopped.signal)
    } catch (error) {
      if (!this.#stopped.signal.aborted) throw error
    }
  }
}
