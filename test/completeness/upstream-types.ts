/** Upstream's Go types, as the tables in `fixtures/facts/types` record them. */
import { readdirSync, readFileSync } from 'node:fs'
import type { FieldDescription, TypeDescription } from './description.ts'

type FactType =
  | string
  | { readonly ref: string }
  | { readonly list: FactType }
  | { readonly map: FactType }
  | { readonly scalar: string }

interface FactField {
  readonly name: string | null
  readonly go: string
  readonly type: FactType
  readonly inline?: true
  readonly ptr?: true
  readonly omitempty?: true
  readonly omitzero?: true
  readonly schemaRequired?: true
  readonly listType?: string
  readonly listMapKeys?: readonly string[]
  readonly mapType?: string
  readonly structType?: string
  readonly patchStrategy?: readonly string[]
  readonly patchMergeKey?: string
  readonly patchStrategyMarkerOnly?: true
  readonly patchMergeKeyMarkerOnly?: true
  readonly enum?: string
  readonly default?: unknown
  readonly pb?: { readonly tag: number; readonly name: string }
}

export interface FactEntry {
  readonly kind: 'struct' | 'list' | 'map' | 'scalar' | 'alias' | 'special'
  readonly type?: FactType
  readonly fields?: readonly FactField[]
  readonly values?: readonly string[]
  readonly structType?: string
  readonly runtimeObject?: true
  /** Published as an enum. */
  readonly enumMarker?: true
}

export interface FactFile {
  readonly group: string
  readonly version: string
  readonly registered: readonly string[]
  /** What model names begin with. */
  readonly modelPrefix: string
  readonly types: Readonly<Record<string, FactEntry>>
}

const folder = new URL('../fixtures/facts/types/', import.meta.url)

/** By the name that references use, such as `apps_v1`. */
export const factFiles: ReadonlyMap<string, FactFile> = new Map(
  readdirSync(folder).map((file) => [
    file.slice(0, -'.json'.length),
    JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as FactFile,
  ]),
)

function entryOf(ref: string): FactEntry {
  const [file = '', name = ''] = ref.split('.')
  const entry = factFiles.get(file)?.types[name]
  if (!entry) throw new Error(`no such type in the tables: ${ref}`)
  return entry
}

/** `apps_v1.Deployment` as `apps.v1.Deployment`. */
const fullName = (ref: string): string => ref.replace('_', '.')

const specials: Readonly<Record<string, string>> = {
  'special.Quantity': 'quantity',
  'special.IntOrString': 'intOrString',
  'special.RawExtension': 'object',
  'meta_v1.FieldsV1': 'object',
  'meta_v1.Time': 'time',
  'meta_v1.MicroTime': 'microTime',
  'meta_v1.Duration': 'duration',
  'apiextensions_v1.JSON': 'any',
}

const scalars: Readonly<Record<string, string>> = { bool: 'boolean' }

function typeName(type: FactType): string {
  if (typeof type === 'string') return scalars[type] ?? type
  if ('list' in type) return `list of ${typeName(type.list)}`
  if ('map' in type) return `map of ${typeName(type.map)}`
  if ('scalar' in type) return typeName(type.scalar)
  const special = specials[type.ref]
  if (special) return special
  const entry = entryOf(type.ref)
  if (entry.kind === 'struct' || entry.kind === 'special') return fullName(type.ref)
  return typeName(entry.type!)
}

/** The structs that a type leads to. */
function refsIn(type: FactType): string[] {
  if (typeof type === 'string' || 'scalar' in type) return []
  if ('list' in type) return refsIn(type.list)
  if ('map' in type) return refsIn(type.map)
  const entry = entryOf(type.ref)
  if (entry.kind === 'struct') return [type.ref]
  return entry.type ? refsIn(entry.type) : []
}

/** Adds the struct and everything that it leads to. */
export function describeUpstream(ref: string, into: Map<string, TypeDescription>): void {
  const name = fullName(ref)
  if (into.has(name)) return
  const entry = entryOf(ref)
  const fields = new Map<string, FieldDescription>()
  into.set(name, { atomic: entry.structType === 'atomic', fields })
  for (const field of entry.fields ?? []) {
    const isTypeMeta = field.inline && field.go === 'TypeMeta'
    if (isTypeMeta) for (const name of typeMeta) fields.set(name, typeMetaField)
    else if (field.name !== null && field.name !== undefined) {
      fields.set(field.name, describeField(field))
    } else if (field.inline) fields.set(field.pb!.name, describeField(field))
    if (!isTypeMeta) for (const each of refsIn(field.type)) describeUpstream(each, into)
  }
}

function describeField(field: FactField): FieldDescription {
  const hasListKey = field.patchMergeKey && !field.patchMergeKeyMarkerOnly
  const hasStrategy = field.patchStrategy && !field.patchStrategyMarkerOnly
  return {
    type: typeName(field.type),
    tag: field.pb?.tag ?? 0,
    unset: unsetForm(field),
    required: field.schemaRequired ?? false,
    listType: field.listType ?? '',
    listKeys: field.listMapKeys?.join(',') ?? '',
    mergeKey: hasListKey ? field.patchMergeKey! : '',
    patch: hasStrategy ? field.patchStrategy!.join(',') : '',
    atomic: field.mapType === 'atomic' || field.structType === 'atomic',
    enum: field.enum ? enumOf(entryOf(field.enum)) : '',
    default: 'default' in field ? JSON.stringify(field.default) : undefined,
  }
}

function enumOf({ enumMarker, values = [] }: FactEntry): string {
  return enumMarker ? [...values].sort().join(',') : ''
}

function unsetForm({ inline, ptr, omitempty, omitzero }: FactField): FieldDescription['unset'] {
  if (inline) return 'in the parent'
  if (ptr && !omitempty) return 'null'
  return omitempty || omitzero ? 'left out' : 'empty'
}

const typeMetaField: FieldDescription = {
  type: 'string',
  tag: 0,
  unset: 'left out',
  required: false,
  listType: '',
  listKeys: '',
  mergeKey: '',
  patch: '',
  atomic: false,
  enum: '',
  default: undefined,
}

/** Every object begins with these, which protobuf keeps in the envelope. */
const typeMeta = ['kind', 'apiVersion']
