/** An APIService for each group and version of custom resources, as long as there are any. */
import type { DeleteOptions } from '#api/kinds/meta/delete-options.ts'
import { AUTOMANAGED_LABEL, apiServiceName, ensureApiService } from '../bootstrap/api-services.ts'
import type { ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'
import { selfContext } from '../self.ts'
import { isStoreError } from '../store/store-error.ts'
import { deleteEntry } from '../verbs/delete.ts'

const AUTOMANAGED = 'true'
interface GroupVersion {
  readonly group: string
  readonly version: string
}

export class ApiServices implements AsyncDisposable {
  readonly #parts: ServerParts
  readonly #resource: Resource | undefined
  /** Names of those that are there, or soon will be. */
  readonly #present = new Set<string>()
  /** The last write of each name that is under way. */
  readonly #underWay = new Map<string, Promise<void>>()
  #generation = -1

  constructor(parts: ServerParts) {
    this.#parts = parts
    this.#resource = parts.resources.find('apiregistration.k8s.io', 'v1', 'apiservices')
    if (!this.#resource) return
    const { prefix } = this.#resource
    const select = ({ labels }: { readonly labels: Readonly<Record<string, string>> }): boolean =>
      labels[AUTOMANAGED_LABEL] === AUTOMANAGED
    for (const { key } of parts.store.list(prefix, { select }).entries) {
      this.#present.add(key.slice(prefix.length))
    }
  }

  /** Brings them in line with the table of resources. */
  update(): void {
    const { resources } = this.#parts
    if (!this.#resource || this.#generation === resources.generation) return
    this.#generation = resources.generation
    const wanted = new Map<string, GroupVersion>()
    for (const { isCustom, group, version } of resources.all()) {
      if (isCustom) wanted.set(apiServiceName(group, version), { group, version })
    }
    for (const [name, { group, version }] of wanted) {
      if (this.#present.has(name)) continue
      this.#present.add(name)
      this.#start(name, () => ensureApiService(this.#parts, group, version, AUTOMANAGED))
    }
    for (const name of this.#present) {
      if (wanted.has(name)) continue
      this.#present.delete(name)
      this.#start(name, () => this.#delete(name))
    }
  }

  async settled(): Promise<void> {
    while (this.#underWay.size) await Promise.all(this.#underWay.values())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settled()
  }

  /** A name that goes and comes back is handled in that order. */
  #start(name: string, work: () => Promise<void>): void {
    const running = this.#run(name, work, this.#underWay.get(name)).finally(() => {
      if (this.#underWay.get(name) === running) this.#underWay.delete(name)
    })
    this.#underWay.set(name, running)
  }

  async #run(name: string, work: () => Promise<void>, before?: Promise<void>): Promise<void> {
    await before
    try {
      await work()
    } catch (error) {
      if (isStoreError(error, 'Closed')) return
      this.#parts.log.error('API service of custom resources not kept', { name, error })
    }
  }

  async #delete(name: string): Promise<void> {
    const resource = this.#resource!
    const key = resource.keyOf('', name)
    const options: DeleteOptions = { kind: 'DeleteOptions', apiVersion: 'v1' } as DeleteOptions
    const context = selfContext(resource, 'delete', '', name)
    for (;;) {
      const entry = this.#parts.store.get(key)
      if (!entry || (await deleteEntry(context, this.#parts, resource, options, entry))) return
    }
  }
}
