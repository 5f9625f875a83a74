/**
 * JSON to the normal form of its schema: types checked, unknown fields dropped, empty values left
 * out or written as upstream writes them, quantities and times canonical, fields in schema order.
 */
import { customCodec } from './custom/prune.ts'
import { DecodeError, mismatch } from './decode-error.ts'
import { scalarCodec } from './decode-scalar.ts'
import {
  type EitherSchema,
  type Field,
  jsonFields,
  type ListSchema,
  type MapSchema,
  resolved,
  type Schema,
  type Stored,
  type StructSchema,
} from './schema.ts'
import { setOwn } from './set-own.ts'

/** What a decoder noticed besides the value. */
export interface Findings {
  /** How many structs had fields that their schema does not know. */
  unknown: number
}

export interface Codec {
  readonly decode: (value: unknown, findings: Findings) => unknown
  /** What stands for an absent value where one must be written. */
  readonly empty: () => unknown
}

const codecs = new WeakMap<Schema, Codec>()

/** The normal form of `value`. Unknown fields are dropped, and counted in `findings`. */
export function decode<T extends Schema>(
  schema: T,
  value: unknown,
  findings: Findings = { unknown: 0 },
): Stored<T> {
  return codecOf(schema).decode(value, findings) as Stored<T>
}

export function codecOf(schema: Schema): Codec {
  const known = codecs.get(schema)
  if (known) return known
  // Stands in while the schema is compiled, which is what lets a schema contain itself.
  const late: Codec = {
    decode: (value, findings) => codecOf(schema).decode(value, findings),
    empty: () => codecOf(schema).empty(),
  }
  codecs.set(schema, late)
  const codec = compile(schema)
  codecs.set(schema, codec)
  return codec
}

function compile(schema: Schema): Codec {
  if ('custom' in schema && schema.custom) {
    // Only whole objects have a name; the structs inside them are anonymous.
    return customCodec(schema.custom, schema.type === 'struct' && schema.name !== '')
  }
  switch (schema.type) {
    case 'lazy':
      return codecOf(resolved(schema))
    case 'struct':
      return structCodec(schema)
    case 'list':
      return listCodec(schema)
    case 'map':
      return mapCodec(schema)
    case 'either':
      return eitherCodec(schema)
    default:
      return scalarCodec(schema)
  }
}

export interface Member {
  readonly name: string
  readonly codec: Codec
  /** An inherited property such as `constructor` must not pass for a field. */
  readonly inherited: boolean
  readonly dropsEmpty: boolean
  /** Writes the empty value when the field is absent; undefined when it is then left out. */
  readonly fill: (() => unknown) | undefined
}

export function memberOf(name: string, field: Field): Member {
  const target = resolved(field.schema)
  const codec = codecOf(target)
  const { presence } = field
  const keepsEmpty = target.type === 'struct' || keptScalars.has(target.type)
  const dropsEmpty = presence === 'omitEmpty' && !keepsEmpty
  const isWritten =
    presence === 'required' || presence === 'always' || (presence === 'omitEmpty' && keepsEmpty)
  const fill = presence === 'nullable' ? () => null : isWritten ? codec.empty : undefined
  return {
    name,
    codec,
    inherited: name in Object.prototype,
    dropsEmpty,
    fill: omitZeroTime(field, fill),
  }
}

/** Scalars that Go holds as structs, which `omitempty` never drops. */
const keptScalars = new Set([
  'quantity',
  'time',
  'microTime',
  'duration',
  'intOrString',
  'object',
  'either',
])

/** A time that the server assigns is left out while unset (`omitzero`), not written as null. */
function omitZeroTime(field: Field, fill: (() => unknown) | undefined) {
  return field.assigned && field.schema.type === 'time' ? undefined : fill
}

function structCodec(schema: StructSchema): Codec {
  const members = jsonFields(schema).map(([name, field]) => memberOf(name, field))
  const decodeStruct = (value: unknown, findings: Findings): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw mismatch(schema, value)
    }
    const input = value as Record<string, unknown>
    const output: Record<string, unknown> = {}
    let known = 0
    let at = 0
    try {
      for (; at < members.length; at++) {
        const member = members[at]!
        const { name } = member
        let given = input[name]
        if (member.inherited && !Object.hasOwn(input, name)) given = undefined
        if (given !== undefined) known++
        if (given === undefined || given === null) {
          if (member.fill) output[name] = member.fill()
          continue
        }
        const decoded = member.codec.decode(given, findings)
        if (!member.dropsEmpty || !isEmpty(decoded)) output[name] = decoded
      }
    } catch (error) {
      throw error instanceof DecodeError ? error.within(schema.name, members[at]!.name) : error
    }
    if (known !== definedKeys(input)) findings.unknown++
    return output
  }
  const none: Findings = { unknown: 0 }
  return { decode: decodeStruct, empty: () => decodeStruct({}, none) }
}

function definedKeys(input: Record<string, unknown>): number {
  let count = 0
  for (const name in input) if (input[name] !== undefined) count++
  return count
}

export function isEmpty(value: unknown): boolean {
  if (typeof value === 'object') {
    if (value === null) return true
    if (Array.isArray(value)) return value.length === 0
    for (const _ in value) return false
    return true
  }
  return value === '' || value === 0 || value === false
}

function listCodec(schema: ListSchema): Codec {
  const item = codecOf(schema.item)
  return {
    decode(value, findings) {
      if (!Array.isArray(value)) throw mismatch(schema, value)
      return value.map((each) => (each === null ? item.empty() : item.decode(each, findings)))
    },
    empty: () => null,
  }
}

function mapCodec(schema: MapSchema): Codec {
  const item = codecOf(schema.value)
  return {
    decode(value, findings) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw mismatch(schema, value)
      }
      const output: Record<string, unknown> = {}
      for (const [name, each] of Object.entries(value)) {
        setOwn(output, name, each === null ? item.empty() : item.decode(each, findings))
      }
      return inKeyOrder(output)
    },
    empty: () => null,
  }
}

/** Upstream writes maps sorted, and equal objects must be equal bytes. */
export function inKeyOrder(entries: Record<string, unknown>): Record<string, unknown> {
  let previous = ''
  for (const name in entries) {
    if (name < previous) return sorted(entries)
    previous = name
  }
  return entries
}

function sorted(entries: Record<string, unknown>): Record<string, unknown> {
  const output: Record<string, unknown> = {}
  for (const name of Object.keys(entries).sort()) setOwn(output, name, entries[name])
  return output
}

function eitherCodec(schema: EitherSchema): Codec {
  const struct = codecOf(schema.struct)
  const other = codecOf(schema.other)
  const isStruct = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  return {
    decode: (value, findings) => (isStruct(value) ? struct : other).decode(value, findings),
    empty: () => null,
  }
}
