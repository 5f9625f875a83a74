/** Protobuf messages to the same normal form that JSON decodes to. */
import { codecOf, inKeyOrder, isEmpty, type Member, memberOf } from '../decode.ts'
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
  structOf,
} from '../schema.ts'
import { setOwn } from '../set-own.ts'
import {
  type FieldReader,
  type Fields,
  message,
  readFields,
  type ValueReader,
} from './field-reader.ts'
import { ProtobufError } from './protobuf-error.ts'
import { DELIMITED, Reader } from './reader.ts'
import { scalars } from './scalar-readers.ts'

interface SlotMember extends Member {
  /** Its entries may come in any order. */
  readonly isMap: boolean
}

/** Every error is a ProtobufError, whatever the bytes are. */
export function decodeMessage<T extends Schema>(schema: T, bytes: Uint8Array): Stored<T> {
  return structReader(structOf(schema))(new Reader(bytes)) as Stored<T>
}

const structs = new WeakMap<StructSchema, (reader: Reader) => object>()

/** Reads fields up to the end of the message that the reader is in. */
function structReader(schema: StructSchema): (reader: Reader) => object {
  const known = structs.get(schema)
  if (known) return known
  // Stands in while the schema is compiled, which is what lets a schema contain itself.
  structs.set(schema, (reader) => structReader(schema)(reader))
  const read = compile(schema)
  structs.set(schema, read)
  return read
}

function compile(schema: StructSchema): (reader: Reader) => object {
  const named = jsonFields(schema)
  const members = named.map(
    ([name, field]): SlotMember => ({
      ...memberOf(name, field),
      isMap: resolved(field.schema).type === 'map',
    }),
  )
  const positions = new Map(named.map(([name], at) => [name, at]))
  const fields = fieldReaders(schema, positions)
  return (reader) => {
    // Values wait in slots, since tags come in another order than the fields of the object.
    const slots: unknown[] = new Array(members.length)
    readFields(reader, fields, slots)
    return objectOf(members, slots)
  }
}

function objectOf(members: readonly SlotMember[], slots: readonly unknown[]): object {
  const output: Record<string, unknown> = {}
  for (let at = 0; at < members.length; at++) {
    const { name, dropsEmpty, fill, isMap } = members[at]!
    const value = slots[at]
    if (value === undefined) {
      if (fill) output[name] = fill()
    } else if (!dropsEmpty || !isEmpty(value))
      output[name] = isMap ? inKeyOrder(value as never) : value
  }
  return output
}

/** `positions` are those of the outermost struct: inline structs fill the slots of their parent. */
function fieldReaders(schema: StructSchema, positions: ReadonlyMap<string, number>): Fields {
  const fields: (FieldReader | undefined)[] = []
  for (const [name, field] of Object.entries(schema.fields)) {
    if (field.tag === 0) continue
    fields[field.tag] =
      field.presence === 'inline'
        ? inlineReader(structOf(field.schema), positions)
        : fieldReader(field, positions.get(name)!)
  }
  // Without holes, so that a look-up never leaves the array.
  return Array.from(fields)
}

function inlineReader(schema: StructSchema, positions: ReadonlyMap<string, number>): FieldReader {
  const fields = fieldReaders(schema, positions)
  return {
    wire: DELIMITED,
    isPackable: false,
    read(reader, slots) {
      const outer = reader.enter()
      readFields(reader, fields, slots)
      reader.leave(outer)
    },
  }
}

function fieldReader(field: Field, at: number): FieldReader {
  const target = resolved(field.schema)
  if (target.type === 'list' && !target.message) return listReader(target, at)
  if (target.type === 'map') return mapReader(target, at)
  const { wire, read } = valueReader(target)
  const isStruct = target.type === 'struct'
  return {
    wire,
    isPackable: false,
    read(reader, slots) {
      if (isStruct && slots[at] !== undefined) throw repeated()
      slots[at] = read(reader)
    },
  }
}

/** Protobuf would merge the two; no known writer ever sends them, so they are refused. */
const repeated = (): ProtobufError => new ProtobufError('proto: single message occurs twice')

function listReader(schema: ListSchema, at: number): FieldReader {
  const { wire, read, empty } = itemReader(schema.item)
  return {
    wire,
    isPackable: wire !== DELIMITED,
    read(reader, slots) {
      slots[at] ??= []
      const items = slots[at] as unknown[]
      items.push(read(reader) ?? empty())
    },
  }
}

function itemReader(schema: Schema): ValueReader & { empty: () => unknown } {
  return { ...valueReader(resolved(schema)), empty: codecOf(schema).empty }
}

function mapReader(schema: MapSchema, at: number): FieldReader {
  const { wire, read, empty } = itemReader(schema.value)
  const readEntry = (reader: Reader, entries: Record<string, unknown>): void => {
    let name = ''
    let value: unknown
    while (reader.at < reader.end) {
      const key = reader.key()
      if (key === MAP_KEY) name = reader.text()
      else if (key === 2 * 8 + wire) value = read(reader)
      else if (key >>> 3 > 2) reader.skip(key & 7)
      else throw new ProtobufError(`proto: wrong wireType = ${key & 7} for field ${key >>> 3}`)
    }
    value ??= empty()
    setOwn(entries, name, value)
  }
  return {
    wire: DELIMITED,
    isPackable: false,
    read(reader, slots) {
      slots[at] ??= {}
      const entries = slots[at] as Record<string, unknown>
      const outer = reader.enter()
      readEntry(reader, entries)
      reader.leave(outer)
    },
  }
}

const MAP_KEY = 1 * 8 + DELIMITED

function valueReader(schema: Schema): ValueReader {
  const target = resolved(schema)
  switch (target.type) {
    case 'struct':
      return message(structReader(target))
    case 'list':
      return wrappedListReader(target)
    case 'map':
      throw new TypeError('protobuf cannot carry a map inside a list or map')
    case 'either':
      return eitherReader(target)
    default:
      return scalars[target.type]
  }
}

function wrappedListReader(schema: ListSchema): ValueReader {
  if (!schema.message) throw new TypeError('protobuf cannot carry a list inside a list or map')
  const fields = [undefined, listReader(schema, 0)]
  return message((reader) => {
    const slots: unknown[] = [[]]
    readFields(reader, fields, slots)
    return slots[0]
  })
}

function eitherReader(schema: EitherSchema): ValueReader {
  const parts = eitherFields(schema)
  const isList = resolved(schema.other).type === 'list'
  return message((reader) => {
    const slots: unknown[] = [undefined, undefined]
    readFields(reader, parts, slots)
    const [own, other] = slots
    // A list wins over a struct where both are there, a boolean does not: it is always there.
    return isList ? (other ?? own) : (own ?? other ?? false)
  })
}

function eitherFields({ struct, structTag, other, otherTag }: EitherSchema): Fields {
  const fields: FieldReader[] = []
  const options = { presence: 'optional', doc: '' } as const
  fields[structTag] = fieldReader({ tag: structTag, schema: struct, ...options }, 0)
  fields[otherTag] = fieldReader({ tag: otherTag, schema: other, ...options }, 1)
  return Array.from(fields)
}
