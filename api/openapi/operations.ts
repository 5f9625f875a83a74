/** The operations of one resource as OpenAPI paths: what each verb takes, answers and is called. */
import { allVerbs, type Kind, type Subresource, type Verb } from '../kind.ts'
import { type GroupVersionKind, reference } from './definitions.ts'
import {
  builtInTypes,
  content,
  customTypes,
  type MediaTypes,
  objectTypes,
  responses,
} from './media-types.ts'
import { modelName } from './model-names.ts'
import {
  deleteCollectionParameters,
  deleteParameters,
  listParameters,
  nameParameter,
  namespaceParameter,
  optionParameters,
  type Parameter,
  patchParameters,
  pretty,
  proxyPathParameter,
  writeParameters,
} from './parameters.ts'

export interface Operation {
  readonly description: string
  readonly operationId: string
  readonly tags: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: object
  readonly responses: object
  readonly 'x-kubernetes-action'?: string
  readonly 'x-kubernetes-group-version-kind'?: GroupVersionKind
}

export type PathItem = { readonly parameters?: readonly Parameter[] } & {
  readonly [method: string]: Operation | readonly Parameter[]
}

type FindKind = (apiVersion: string, kind: string) => Kind | undefined

const PATCH = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch'
const STATUS = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status'
const DELETE_OPTIONS = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'

/** `rbac.authorization.k8s.io` as `rbacAuthorization`, the group without a name as `core`. */
export function groupTag(group: string): string {
  const [first = '', ...others] = group.replace(/\.k8s\.io$/, '').split('.')
  return (first || 'core') + others.map(capitalised).join('')
}

export const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** Everything that the names and answers of one resource's operations share. */
export class ResourceOperations {
  readonly #kind: Kind
  readonly #findKind: FindKind
  readonly #isNamespaced: boolean
  readonly #model: string
  readonly #tag: string
  readonly #prefix: string
  readonly #types: MediaTypes

  constructor(kind: Kind, findKind: FindKind) {
    const { group, version } = kind
    this.#kind = kind
    this.#findKind = findKind
    this.#isNamespaced = kind.scope === 'Namespaced'
    this.#model = modelName(kind.schema.name)
    this.#tag = `${groupTag(group)}_${version}`
    this.#prefix = capitalised(groupTag(group)) + capitalised(version)
    this.#types = kind.schema.custom ? customTypes : builtInTypes
  }

  /** Every path of the resource below `root`, such as `/apis/apps/v1`. */
  paths(root: string): Record<string, PathItem> {
    const { plural } = this.#kind
    const inNamespace = this.#isNamespaced ? '/namespaces/{namespace}' : ''
    const collection = `${root}${inNamespace}/${plural}`
    const item = `${collection}/{name}`
    const paths: Record<string, PathItem> = {}
    const add = (path: string, operations: Record<string, Operation>, own: Parameter[] = []) => {
      if (!Object.keys(operations).length) return
      const namespace = path.includes('{namespace}') ? [namespaceParameter] : []
      paths[path] = { ...operations, parameters: [...own, ...namespace, pretty] }
    }
    add(collection, this.#collectionOperations())
    const name = nameParameter(this.#kind.kind)
    add(item, this.#itemOperations(), [name])
    for (const [subresource, options] of Object.entries(this.#kind.subresources ?? {})) {
      const path = `${item}/${subresource}`
      add(path, this.#subresourceOperations(subresource, options), [name])
      if (subresource !== 'proxy') continue
      const deeper = this.#connectOperations(subresource, options, 'WithPath')
      add(`${path}/{path}`, deeper, [name, proxyPathParameter])
    }
    if (this.#isNamespaced && this.#serves('list')) {
      add(`${root}/${plural}`, { get: this.#list('', 'ForAllNamespaces') })
    }
    return paths
  }

  #serves(verb: Verb): boolean {
    return (this.#kind.verbs ?? allVerbs).includes(verb)
  }

  #answers(codes: Parameters<typeof responses>[0], schema: object): object {
    return responses(codes, schema, this.#types.objects)
  }

  get #scope(): string {
    return this.#isNamespaced ? 'Namespaced' : ''
  }

  #operation(
    verb: string,
    action: string,
    description: string,
    rest: Pick<Operation, 'parameters' | 'requestBody' | 'responses'>,
    names: { before?: string; after?: string; kind?: GroupVersionKind } = {},
  ): Operation {
    const { group, version, kind } = this.#kind
    const { before = this.#scope, after = '' } = names
    return {
      description,
      operationId: `${verb}${this.#prefix}${before}${kind}${after}`,
      tags: [this.#tag],
      ...rest,
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': names.kind ?? { group, version, kind },
    }
  }

  #list(before: string, after: string): Operation {
    const list = reference(`${this.#model}List`)
    const rest = {
      parameters: listParameters,
      responses: responses([200], list, [...this.#types.objects, ...this.#types.streams].sort()),
    }
    const description = `list or watch objects of kind ${this.#kind.kind}`
    return this.#operation('list', 'list', description, rest, { before, after })
  }

  #collectionOperations(): Record<string, Operation> {
    const { kind } = this.#kind
    const operations: Record<string, Operation> = {}
    if (this.#serves('list')) operations.get = this.#list(this.#scope, '')
    if (this.#serves('create')) {
      operations.post = this.#operation('create', 'post', `create a ${kind}`, {
        parameters: writeParameters,
        requestBody: this.#body(this.#model),
        responses: this.#answers([200, 201, 202], reference(this.#model)),
      })
    }
    if (this.#serves('deletecollection')) {
      const before = `Collection${this.#scope}`
      const rest = {
        parameters: deleteCollectionParameters,
        requestBody: this.#deleteBody(),
        responses: this.#answers([200], reference(STATUS)),
      }
      const description = `delete collection of ${kind}`
      operations.delete = this.#operation('delete', 'deletecollection', description, rest, {
        before,
      })
    }
    return operations
  }

  #itemOperations(): Record<string, Operation> {
    const verbs = this.#kind.verbs ?? allVerbs
    const operations = this.#readAndWrite(
      verbs,
      this.#model,
      `the specified ${this.#kind.kind}`,
      {},
    )
    if (this.#serves('delete')) {
      operations.delete = this.#operation('delete', 'delete', `delete a ${this.#kind.kind}`, {
        parameters: deleteParameters,
        requestBody: this.#deleteBody(),
        responses: this.#answers([200, 202], reference(this.#deleted())),
      })
    }
    return operations
  }

  #deleted(): string {
    return this.#kind.deletion?.returnsObject ? this.#model : STATUS
  }

  #readAndWrite(
    verbs: readonly Verb[],
    model: string,
    what: string,
    names: { after?: string; kind?: GroupVersionKind },
  ): Record<string, Operation> {
    const operations: Record<string, Operation> = {}
    const schema = reference(model)
    if (verbs.includes('get')) {
      const rest = { responses: this.#answers([200], schema) }
      operations.get = this.#operation('read', 'get', `read ${what}`, rest, names)
    }
    if (verbs.includes('update')) {
      const rest = {
        parameters: writeParameters,
        requestBody: this.#body(model),
        responses: this.#answers([200, 201], schema),
      }
      operations.put = this.#operation('replace', 'put', `replace ${what}`, rest, names)
    }
    if (verbs.includes('patch')) {
      const rest = {
        parameters: patchParameters,
        requestBody: { required: true, content: content(this.#types.patches, reference(PATCH)) },
        responses: this.#answers([200, 201], schema),
      }
      operations.patch = this.#operation('patch', 'patch', `partially update ${what}`, rest, names)
    }
    return operations
  }

  #subresourceOperations(name: string, options: Subresource): Record<string, Operation> {
    if (options.kind?.endsWith('Options')) return this.#connectOperations(name, options, '')
    if (name === 'log') return { get: this.#log() }
    const kind = this.#kindOf(options)
    const model = modelName(kind.schema.name)
    const names = {
      after: capitalised(name),
      kind: { group: kind.group, version: kind.version, kind: kind.kind },
    }
    const what = `${name} of the specified ${this.#kind.kind}`
    const operations = this.#readAndWrite(options.verbs, model, what, names)
    if (options.verbs.includes('create')) {
      const rest = {
        parameters: writeParameters,
        requestBody: this.#body(model),
        responses: this.#answers([200, 201, 202], reference(model)),
      }
      const description = `create ${name} of a ${this.#kind.kind}`
      operations.post = this.#operation('create', 'post', description, rest, names)
    }
    return operations
  }

  #kindOf({ group, version, kind }: Subresource): Kind {
    if (!kind) return this.#kind
    const apiVersion = group ? `${group}/${version}` : version!
    const found = this.#findKind(apiVersion, kind)
    if (!found) throw new Error(`no such kind: ${apiVersion} ${kind}`)
    return found
  }

  /** Streams take their options in the query and answer with whatever the other end sends. */
  #connectOperations(name: string, options: Subresource, after: string): Record<string, Operation> {
    const kind = this.#kindOf(options)
    const methods =
      name === 'proxy'
        ? ['delete', 'get', 'head', 'options', 'patch', 'post', 'put']
        : ['get', 'post']
    const rest = {
      parameters: optionParameters(kind.schema),
      responses: responses([200], { type: 'string' }, ['*/*']),
    }
    const operations = methods.map((method) => {
      const description = `connect ${method.toUpperCase()} requests to ${name} of ${this.#kind.kind}`
      const names = {
        before: capitalised(method) + this.#scope,
        after: capitalised(name) + after,
        kind: { group: kind.group, version: kind.version, kind: kind.kind },
      }
      return [method, this.#operation('connect', 'connect', description, rest, names)] as const
    })
    return Object.fromEntries(operations)
  }

  #log(): Operation {
    const options = this.#kindOf({ group: '', version: 'v1', kind: 'PodLogOptions', verbs: [] })
    const rest = {
      parameters: optionParameters(options.schema),
      responses: responses([200], { type: 'string' }, [...objectTypes, 'text/plain']),
    }
    const description = `read log of the specified ${this.#kind.kind}`
    return this.#operation('read', 'get', description, rest, { after: 'Log' })
  }

  #body(model: string): object {
    return { required: true, content: content(['*/*'], reference(model)) }
  }

  #deleteBody(): object {
    return { content: content(['*/*'], reference(DELETE_OPTIONS)) }
  }
}
