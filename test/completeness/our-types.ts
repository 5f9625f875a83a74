/** Our schema values, described as upstream's tables describe Go types. */
import {
  type Field,
  isSchemaRequired,
  resolved,
  type Schema,
  type StructSchema,
} from '#api/schema.ts'
import type { FieldDescription, TypeDescription } from './description.ts'

/** Adds the struct and everything that it leads to. */
export function describeOurs(schema: Schema, into: Map<string, TypeDescription>): void {
  const target = resolved(schema)
  if (target.type === 'list') describeOurs(target.item, into)
  else if (target.type === 'map') describeOurs(target.value, into)
  else if (target.type === 'either') {
    describeOurs(target.struct, into)
    describeOurs(target.other, into)
  } else if (target.type === 'struct' && !into.has(target.name)) describeStruct(target, into)
}

function describeStruct(schema: StructSchema, into: Map<string, TypeDescription>): void {
  const fields = new Map<string, FieldDescription>()
  into.set(schema.name, { atomic: schema.atomic ?? false, fields })
  for (const [name, field] of Object.entries(schema.fields)) {
    fields.set(name, describeField(field))
    describeOurs(field.schema, into)
  }
}

function describeField(field: Field): FieldDescription {
  const schema = resolved(field.schema)
  const list = schema.type === 'list' ? schema : undefined
  const published = 'publishedDefault' in field ? field.publishedDefault : field.default
  return {
    type: typeName(schema),
    tag: field.tag,
    unset: unsetForm(field),
    required: isSchemaRequired(field),
    listType: list?.listType ?? '',
    listKeys: list?.keys?.join(',') ?? '',
    mergeKey: list?.mergeKey ?? '',
    patch: list?.patch ?? field.patch ?? '',
    atomic: field.atomic ?? false,
    enum: [...wordsOf(schema)].sort().join(','),
    default: published === undefined ? undefined : JSON.stringify(published),
  }
}

function unsetForm({ presence }: Field): FieldDescription['unset'] {
  if (presence === 'inline') return 'in the parent'
  if (presence === 'nullable') return 'null'
  if (presence === 'required' || presence === 'always') return 'empty'
  return 'left out'
}

function wordsOf(schema: Schema): readonly string[] {
  const target = resolved(schema)
  if (target.type === 'list') return wordsOf(target.item)
  if (target.type === 'map') return wordsOf(target.value)
  return target.type === 'string' ? (target.values ?? []) : []
}

function typeName(schema: Schema): string {
  const target = resolved(schema)
  switch (target.type) {
    case 'list':
      return `list of ${typeName(target.item)}`
    case 'map':
      return `map of ${typeName(target.value)}`
    case 'struct':
    case 'either':
      return target.name
    default:
      return target.type
  }
}
