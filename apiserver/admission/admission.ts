/**
 * Admission: an ordered list of plugins that may change a request, then refuse it. Each is one file
 * beside this one; `plugins.ts` is the list.
 */
import type { User } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import type { ApiObject } from '../stored-object.ts'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** A request as plugins see it. */
export interface Attributes {
  readonly operation: Operation
  readonly resource: Resource
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  /** The object as it will be; plugins that mutate change it in place. Absent for deletes. */
  readonly object?: ApiObject
  /** The object as it is; absent for creates. */
  readonly old?: ApiObject
  readonly user: User
  readonly dryRun: boolean
  readonly warnings: string[]
}

export interface AdmissionPlugin {
  readonly name: string
  handles(attributes: Attributes): boolean
  /** Changes `object` in place. */
  mutate?(attributes: Attributes): void | Promise<void>
  /** Throws a StatusError to refuse. */
  validate?(attributes: Attributes): void | Promise<void>
}

export class Admission {
  readonly #plugins: readonly AdmissionPlugin[]

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins
  }

  async mutate(attributes: Attributes): Promise<void> {
    for (const plugin of this.#plugins) {
      if (plugin.mutate && plugin.handles(attributes)) await plugin.mutate(attributes)
    }
  }

  async validate(attributes: Attributes): Promise<void> {
    for (const plugin of this.#plugins) {
      if (plugin.validate && plugin.handles(attributes)) await plugin.validate(attributes)
    }
  }
}
