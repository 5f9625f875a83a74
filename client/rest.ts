/** Typed calls to the API server: each verb takes a kind, and gives objects of that kind. */
import assert from 'node:assert'
import type { KindList } from '#api/kind.ts'
import type { DeleteOptions as DeleteBody } from '#api/kinds/meta/delete-options.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { isReason, type StatusBody, StatusError } from '#api/status.ts'
import type { Answer, Call, Connection, Method } from './connection.ts'
import { type PatchOptions, patchMediaTypes } from './patch-types.ts'
import {
  type AnyResource,
  type ApiObject,
  acceptFor,
  isNamespaced,
  pathOf,
  type Reference,
  type Resource,
  referenceOf,
  type Target,
} from './resource.ts'
import type { RestMetrics } from './rest-metrics.ts'
import { retryAfter, withRetries } from './retry.ts'
import { statusFromResponse } from './status-from-response.ts'

export interface CallOptions {
  readonly signal?: AbortSignal
}

export interface GetOptions extends CallOptions {
  /** At least as new as this; `0` is whatever the server has at hand. */
  readonly resourceVersion?: string
}

export interface Selectors {
  /** All namespaces unless given. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export interface ListOptions extends CallOptions, Selectors {
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}

export interface PageOptions extends ListOptions {
  readonly limit?: number
  readonly continue?: string
}

export interface WriteOptions extends CallOptions {
  /** Everything is checked, nothing is stored. */
  readonly dryRun?: boolean
  readonly fieldManager?: string
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
}

export interface DeleteOptions extends CallOptions {
  readonly dryRun?: boolean
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

/** A write that the server has accepted, for whoever waits to see it come back. */
export type Write =
  | { readonly type: 'stored'; readonly resource: AnyResource; readonly object: ApiObject }
  | {
      readonly type: 'deleted'
      readonly resource: AnyResource
      readonly reference: Reference
      readonly uid: string | undefined
    }

export interface ClientSettings {
  readonly connection: Connection
  /** For namespaced objects that name none; without it they are refused. */
  readonly namespace?: string
  /** Who the changes belong to; the server reads it from the user agent otherwise. */
  readonly fieldManager?: string
  readonly metrics?: RestMetrics
  /** What the server wants to be known although it has done as told. */
  readonly warn?: (message: string) => void
  readonly onWrite?: (write: Write) => void
}

/** What may be written: what callers write by hand, or what was read before, changed or not. */
type Written<S, I> = NoInfer<S | I>

/** Objects of a list that is read in pages; more at once would make the server hold them all. */
const PAGE_LIMIT = 500

export class Client {
  readonly #settings: ClientSettings

  constructor(settings: ClientSettings) {
    this.#settings = settings
  }

  get connection(): Connection {
    return this.#settings.connection
  }

  /** The same client for somebody who has a name, a namespace or an interest of their own. */
  with(settings: Partial<Omit<ClientSettings, 'connection'>>): Client {
    return new Client({ ...this.#settings, ...settings })
  }

  get<S, I>(kind: Resource<S, I>, target: Target, options: GetOptions = {}): Promise<S> {
    const { signal, ...query } = options
    return this.#object(kind, { method: 'GET', path: this.#path(kind, target), query, signal })
  }

  /** Undefined where get() would say that it is not found. */
  async find<S, I>(
    kind: Resource<S, I>,
    target: Target,
    options?: GetOptions,
  ): Promise<S | undefined> {
    try {
      return await this.get(kind, target, options)
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  /** All objects; several pages are one consistent list. */
  async list<S extends object, I>(kind: Resource<S, I>, options: ListOptions = {}): Promise<S[]> {
    return (await this.listAll(kind, options)).items
  }

  /** As list(), with the version from which a watch goes on. */
  async listAll<S extends object, I>(
    kind: Resource<S, I>,
    options: ListOptions = {},
  ): Promise<KindList<S>> {
    const { resourceVersion: _, resourceVersionMatch: __, ...rest } = options
    const list = await this.listPage(kind, { ...options, limit: PAGE_LIMIT })
    for (let next = list.metadata.continue; next; ) {
      const page = await this.#nextPage(kind, rest, next)
      // The list has expired between two pages: the whole at once cannot.
      if (!page) return this.listPage(kind, options)
      for (const item of page.items) list.items.push(item)
      next = page.metadata.continue
    }
    return { ...list, metadata: { ...list.metadata, continue: '' } }
  }

  async listPage<S extends object, I>(
    kind: Resource<S, I>,
    options: PageOptions = {},
  ): Promise<KindList<S>> {
    const { signal, namespace, ...query } = options
    const path = pathOf(kind, { namespace })
    const request = { method: 'GET', path, query, signal, isList: true } as const
    const list = await this.#json<KindList<S>>(kind, request)
    const { kind: name, apiVersion } = kind
    // Items of a list do not repeat what they are.
    list.items = (list.items ?? []).map((item) => ({ kind: name, apiVersion, ...item }))
    return list
  }

  async #nextPage<S extends object, I>(
    kind: Resource<S, I>,
    options: PageOptions,
    next: string,
  ): Promise<KindList<S> | undefined> {
    try {
      return await this.listPage(kind, { ...options, limit: PAGE_LIMIT, continue: next })
    } catch (error) {
      if (isReason(error, 'Expired', 'Gone')) return undefined
      throw error
    }
  }

  async create<S extends object, I extends object>(
    kind: Resource<S, I>,
    object: Written<S, I>,
    options: WriteOptions = {},
  ): Promise<S> {
    const { namespace } = metadataOfInput(object)
    const path = pathOf(kind, { namespace: this.#namespaceFor(kind, namespace) })
    return this.#write(kind, { method: 'POST', path, object, options, isRepeatable: true })
  }

  async update<S extends object, I extends object>(
    kind: Resource<S, I>,
    object: Written<S, I>,
    options: WriteOptions = {},
  ): Promise<S> {
    const path = this.#path(kind, metadataOfInput(object))
    return this.#write(kind, { method: 'PUT', path, object, options, isRepeatable: true })
  }

  /** Writes the status, if it differs at all from that of the object. */
  async updateStatus<S extends { readonly status?: unknown }, I extends object>(
    kind: Resource<S, I>,
    object: S,
    status: S['status'],
    options: WriteOptions = {},
  ): Promise<S> {
    if (sameJson(object.status, status)) return object
    const path = this.#path(kind, metadataOfInput(object), 'status')
    const changed = { ...object, status }
    return this.#write(kind, { method: 'PUT', path, object: changed, options, isRepeatable: true })
  }

  async patch<S, I>(
    kind: Resource<S, I>,
    target: Target,
    patch: unknown,
    options: PatchOptions = {},
  ): Promise<S> {
    const { type = 'merge', subresource, ...rest } = options
    const path = this.#path(kind, target, subresource)
    return this.#write(kind, {
      method: 'PATCH',
      path,
      patch,
      contentType: patchMediaTypes[type],
      options: rest,
      // Done twice, a merge is the same; what a JSON patch adds to a list is there twice.
      isRepeatable: type !== 'json',
    })
  }

  /** Server-side apply: these fields are ours, with these values. */
  async apply<S extends object, I extends object>(
    kind: Resource<S, I>,
    object: Written<S, I>,
    options: WriteOptions & { readonly force?: boolean; readonly subresource?: string } = {},
  ): Promise<S> {
    const { subresource, ...rest } = options
    const fieldManager = rest.fieldManager ?? this.#settings.fieldManager ?? this.#agentName()
    return this.#write(kind, {
      method: 'PATCH',
      path: this.#path(kind, metadataOfInput(object), subresource),
      object,
      contentType: patchMediaTypes.apply,
      options: { ...rest, fieldManager },
      isRepeatable: true,
    })
  }

  /** An object, as opposed to a name, is deleted only if it is still that very one. */
  async delete<S, I>(
    kind: Resource<S, I>,
    target: Target,
    options: DeleteOptions = {},
  ): Promise<void> {
    const { signal, ...rest } = options
    const uid = (referenceOf(target) as { readonly uid?: string }).uid
    const preconditions = { ...(uid && { uid }), ...rest.preconditions }
    const answer = await this.#json<StatusBody | ApiObject>(kind, {
      method: 'DELETE',
      path: this.#path(kind, target),
      body: deleteBody({ ...rest, preconditions }),
      signal,
    })
    if (rest.dryRun) return
    const { name, namespace } = referenceOf(target)
    const place = { name, namespace: this.#namespaceFor(kind, namespace) }
    const gone = uid ?? uidIn(answer)
    this.#settings.onWrite?.({ type: 'deleted', resource: kind, reference: place, uid: gone })
  }

  /** Deletes what is selected; how many there were is not said. */
  async deleteCollection<S, I>(
    kind: Resource<S, I>,
    { signal, namespace, labelSelector, fieldSelector, ...rest }: DeleteOptions & Selectors = {},
  ): Promise<void> {
    await this.#json(kind, {
      method: 'DELETE',
      path: pathOf(kind, { namespace: this.#namespaceFor(kind, namespace) }),
      query: { labelSelector, fieldSelector },
      body: deleteBody(rest),
      signal,
    })
  }

  /** Such as the Scale of a Deployment. */
  getSubresource<S, I>(
    kind: AnyResource,
    target: Target,
    subresource: string,
    answer: Resource<S, I>,
    { signal }: CallOptions = {},
  ): Promise<S> {
    const path = this.#path(kind, target, subresource)
    return this.#object(answer, { method: 'GET', path, signal })
  }

  async updateSubresource<S extends object, I extends object>(
    kind: AnyResource,
    target: Target,
    subresource: string,
    answer: Resource<S, I>,
    object: Written<S, I>,
    options: WriteOptions = {},
  ): Promise<S> {
    const path = this.#path(kind, target, subresource)
    const write = { method: 'PUT', path, object, options, isRepeatable: true } as const
    return this.#write(answer, { ...write, isElsewhere: true })
  }

  /**
   * Such as an Eviction or a Binding. A 429 is the answer to an eviction that a budget forbids, and
   * reaches the caller.
   */
  async createSubresource<S extends object, I extends object>(
    kind: AnyResource,
    target: Target,
    subresource: string,
    answer: Resource<S, I>,
    object: Written<S, I>,
    options: WriteOptions = {},
  ): Promise<S> {
    const path = this.#path(kind, target, subresource)
    const write = { method: 'POST', path, object, options, isRepeatable: false } as const
    return this.#write(answer, { ...write, isElsewhere: true })
  }

  /** Whatever else the server serves: discovery, versions, logs. */
  async raw(
    path: string,
    options: CallOptions & { readonly accept?: string } = {},
  ): Promise<Buffer> {
    const { accept = '*/*', signal } = options
    return (await this.#answer({ method: 'GET', path, accept, signal }, true)).body
  }

  #path(kind: AnyResource, target: Target, subresource?: string): string {
    const { name, namespace } = referenceOf(target)
    assert(name, `${kind.kind}: has no name, wanted one`)
    return pathOf(kind, { name, namespace: this.#namespaceFor(kind, namespace), subresource })
  }

  #namespaceFor(kind: AnyResource, given: string | undefined): string | undefined {
    if (!isNamespaced(kind)) return undefined
    const namespace = given || this.#settings.namespace
    assert(namespace, `${kind.kind}: has no namespace, wanted one`)
    return namespace
  }

  #agentName(): string {
    return this.connection.userAgent.split('/', 1)[0]!
  }

  async #object<S, I>(kind: Resource<S, I>, request: Request): Promise<S> {
    return this.#json<S>(kind, request)
  }

  async #write<S, I>(kind: Resource<S, I>, write: WriteRequest): Promise<S> {
    const { method, path, object, patch, contentType, options, isRepeatable } = write
    const { signal, dryRun, ...rest } = options
    const { fieldManager } = this.#settings
    const { kind: name, apiVersion } = kind
    const stored = await this.#json<S>(kind, {
      method,
      path,
      query: { ...(fieldManager && { fieldManager }), ...rest, ...(dryRun && { dryRun: 'All' }) },
      body: object ? { ...object, kind: name, apiVersion } : patch,
      isRepeatable,
      ...(contentType && { contentType }),
      signal,
    })
    const isSeen = !dryRun && !write.isElsewhere
    if (isSeen)
      this.#settings.onWrite?.({ type: 'stored', resource: kind, object: stored as never })
    return stored
  }

  async #json<T>(kind: AnyResource, request: Request): Promise<T> {
    const { method, path, query = {}, body, contentType = 'application/json', signal } = request
    const answer = await this.#answer(
      {
        method,
        path: path + queryText(query),
        // The answer may be a Status, of which there is no shorter form.
        accept: method === 'DELETE' ? 'application/json' : acceptFor(kind, request.isList),
        signal,
        ...(body !== undefined && { body: JSON.stringify(body), contentType }),
      },
      request.isRepeatable ?? true,
    )
    return parsed(answer, method, path)
  }

  async #answer(call: Call, isRepeatable: boolean): Promise<Answer> {
    const { connection, metrics, warn } = this.#settings
    const { clock } = connection
    const { method, path, signal } = call
    const answer = await withRetries({ method, isRepeatable, signal, clock }, async () => {
      using observation = metrics?.begin(method, clock)
      const each = await connection.call(call)
      observation?.answered(each.code)
      return each
    })
    if (warn) for (const text of warnings(answer)) warn(text)
    if (answer.code >= 200 && answer.code < 300) return answer
    const { code, body } = answer
    throw statusFromResponse({ method, path, code, body, retryAfterSeconds: retryAfter(answer) })
  }
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>

interface Request {
  readonly method: Method
  readonly path: string
  readonly query?: Query
  readonly body?: unknown
  readonly contentType?: string
  readonly isRepeatable?: boolean
  readonly isList?: boolean
  readonly signal: AbortSignal | undefined
}

interface WriteRequest {
  readonly method: Method
  readonly path: string
  readonly object?: object
  readonly patch?: unknown
  readonly contentType?: string
  readonly options: WriteOptions & { readonly force?: boolean }
  readonly isRepeatable: boolean
  /** What comes back is not the object that was written. */
  readonly isElsewhere?: boolean
}

/** What is not given is not in the query: an empty parameter may mean something else. */
export function queryText(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  if (given.length === 0) return ''
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}

function metadataOfInput(object: object): Reference {
  const { metadata } = object as { readonly metadata?: Partial<Reference> | null }
  return { name: metadata?.name ?? '', namespace: metadata?.namespace ?? undefined }
}

function deleteBody({ dryRun, ...options }: DeleteOptions): Partial<DeleteBody> {
  const { uid, resourceVersion } = options.preconditions ?? {}
  const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) }
  return {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    ...options,
    preconditions,
    ...(dryRun && { dryRun: ['All'] }),
  }
}

/** The answer to a delete is the object, or a Status with details about it. */
function uidIn(answer: StatusBody | ApiObject): string | undefined {
  if ('details' in answer) return answer.details?.uid
  return (answer as ApiObject).metadata?.uid
}

function parsed<T>({ body }: Answer, method: string, path: string): T {
  try {
    return JSON.parse(body.toString())
  } catch (cause) {
    const message = `${method} ${path}: the answer is not JSON`
    throw new StatusError('InternalError', message, undefined, cause)
  }
}

function warnings({ headers }: Answer): string[] {
  const given = headers.warning
  if (given === undefined) return []
  const lines = Array.isArray(given) ? given : [given]
  return lines.flatMap((line) =>
    [...line.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
      text.replace(/\\(.)/g, '$1'),
    ),
  )
}
