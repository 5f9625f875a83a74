/**
 * Admission: an ordered list of plugins that may change a request, then refuse it. Each is one file
 * beside this one; `plugins.ts` is the list.
 */
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import type { Authorizer } from '../auth/authorizer.ts'
import type { User } from '../request-context.ts'
import type { Resource, ResourceTable } from '../resources.ts'
import type { Store } from '../store/store.ts'
import type { ApiObject } from '../stored-object.ts'
import type { ObjectCache } from './object-cache.ts'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** A request as plugins see it. */
export interface Attributes {
  readonly operation: Operation
  readonly resource: Resource
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** The name in the path, by which an update or apply creates what is missing. */
  readonly pathName?: string
  /** The object as it will be; plugins that mutate change it in place. Absent for deletes. */
  readonly object?: ApiObject
  /** The object as it is; absent for creates. */
  readonly old?: ApiObject
  readonly user: User
  readonly dryRun: boolean
  readonly warnings: string[]
  /** What the audit log shall say about the request beside it, by key. */
  readonly auditAnnotations?: Map<string, string>
}

/** Takes back what a plugin noted about a request that was not carried out after all. */
export type Undo = () => void | Promise<void>

export interface AdmissionPlugin {
  readonly name: string
  handles(attributes: Attributes): boolean
  /** Changes `object` in place. */
  mutate?(attributes: Attributes): void | Promise<void>
  /** Throws a StatusError to refuse. */
  validate?(attributes: Attributes): void | Undo | Promise<void> | Promise<Undo | undefined>
}

/** What plugins work with. */
export interface AdmissionContext {
  readonly store: Store
  readonly resources: ResourceTable
  readonly authorizer: Authorizer
  readonly cache: ObjectCache
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly tolerationSeconds: TolerationSeconds
}

/** How long pods stay on a node that is in trouble, unless they say so themselves. */
export interface TolerationSeconds {
  readonly notReady: number
  readonly unreachable: number
}

/** A request that may be carried out. Unless that is confirmed, what was noted is taken back. */
class Admitted implements AsyncDisposable {
  #undo: readonly Undo[]

  constructor(undo: readonly Undo[]) {
    this.#undo = undo
  }

  confirm(): void {
    this.#undo = []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const undo of this.#undo.toReversed()) await undo()
  }
}

export class Admission {
  readonly #plugins: readonly AdmissionPlugin[]

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins
  }

  async mutate(attributes: Attributes): Promise<void> {
    for (const plugin of this.#plugins) {
      if (!plugin.mutate || !plugin.handles(attributes)) continue
      const pending = plugin.mutate(attributes)
      if (pending) await pending
    }
  }

  /** For requests that nothing happens to between the two. */
  async admit(attributes: Attributes): Promise<Admitted> {
    await this.mutate(attributes)
    return this.validate(attributes)
  }

  /** The caller confirms what it carried out, and disposes of the rest. */
  async validate(attributes: Attributes): Promise<Admitted> {
    const undo: Undo[] = []
    try {
      for (const plugin of this.#plugins) {
        if (!plugin.validate || !plugin.handles(attributes)) continue
        const result = plugin.validate(attributes)
        const taken = result instanceof Promise ? await result : result
        if (taken) undo.push(taken)
      }
    } catch (error) {
      await new Admitted(undo)[Symbol.asyncDispose]()
      throw error
    }
    return new Admitted(undo)
  }
}

/** Whether a request is about a resource, by its plural and group. */
export const isAbout = ({ resource }: Attributes, plural: string, group = ''): boolean =>
  resource.plural === plural && resource.group === group

/** Whether a request makes a new object, and is not about a subresource of one. */
export const isCreate = ({ operation, subresource }: Attributes): boolean =>
  operation === 'CREATE' && subresource === ''
