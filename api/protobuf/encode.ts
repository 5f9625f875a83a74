/** Objects in normal form to protobuf messages, byte for byte as upstream writes them. */
import {
  type EitherSchema,
  type Field,
  type MapSchema,
  resolved,
  type ScalarType,
  type Schema,
  type StructSchema,
  structOf,
} from '../schema.ts'
import { microTimeToEpoch, parseDuration, timeToEpoch } from '../time.ts'
import { DELIMITED, FIXED64, VARINT } from './reader.ts'
import { Writer } from './writer.ts'

/** Writes one value and, before it, the key of its field. */
type Emit = (writer: Writer, value: unknown, key: number) => void
/** Writes the fields of a message, the last first. */
type Fill = (writer: Writer, value: object) => void

// Encoding never waits, so one writer serves every call.
const shared = new Writer()

/** The bytes of a message. The kind of the object is not in it: that stands in the envelope. */
export function encodeMessage<T extends object>(schema: Schema<T>, value: T): Uint8Array {
  shared.reset()
  fillOf(structOf(schema))(shared, value)
  return shared.finish()
}

const fills = new WeakMap<StructSchema, Fill>()

function fillOf(schema: StructSchema): Fill {
  const known = fills.get(schema)
  if (known) return known
  // Stands in while the schema is compiled, which is what lets a schema contain itself.
  fills.set(schema, (writer, value) => fillOf(schema)(writer, value))
  const fill = compile(schema)
  fills.set(schema, fill)
  return fill
}

function compile(schema: StructSchema): Fill {
  const members = Object.entries(schema.fields)
    .filter(([, field]) => field.tag > 0)
    .sort(([, one], [, other]) => other.tag - one.tag)
    .map(([name, field]) => memberOf(name, field))
  return (writer, value) => {
    const struct = value as Record<string, unknown>
    for (let at = 0; at < members.length; at++) {
      const { name, emit, key, empty, isInline } = members[at]!
      const own = isInline ? struct : (struct[name] ?? empty)
      if (own !== undefined) emit(writer, own, key)
    }
  }
}

interface Member {
  readonly name: string
  readonly emit: Emit
  readonly key: number
  /** What is written for an unset field; undefined where such a field is left out. */
  readonly empty: unknown
  readonly isInline: boolean
}

function memberOf(name: string, field: Field): Member {
  const target = resolved(field.schema)
  const emit = emitterOf(target)
  const isInline = field.presence === 'inline'
  return {
    name,
    emit,
    key: keyOf(field.tag, target),
    // Go writes whatever it holds by value, empty or not; pointers only when they are set.
    empty:
      field.presence === 'optional' || field.presence === 'nullable' ? undefined : zeroOf(target),
    isInline,
  }
}

/** The key of each element, where a field repeats. */
function keyOf(tag: number, schema: Schema): number {
  const target = resolved(schema)
  if (target.type === 'list' && !target.message) return keyOf(tag, target.item)
  return tag * 8 + (wires[target.type as ScalarType] ?? DELIMITED)
}

const wires: Partial<Record<ScalarType, number>> = {
  boolean: VARINT,
  int32: VARINT,
  int64: VARINT,
  float64: FIXED64,
}

/** An empty message, for types whose zero value is one. */
const emptyMessage = Symbol('empty message')

const zeros: Partial<Record<Schema['type'], unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  float64: 0,
  quantity: '0',
  duration: '0s',
  intOrString: 0,
  time: emptyMessage,
  microTime: emptyMessage,
  any: emptyMessage,
  object: emptyMessage,
  struct: {},
}

function zeroOf(schema: Schema): unknown {
  return zeros[schema.type]
}

function emitterOf(schema: Schema): Emit {
  const target = resolved(schema)
  switch (target.type) {
    case 'struct':
      return structEmitter(target)
    case 'list':
      return target.message ? wrappedListEmitter(target.item) : listEmitter(target.item)
    case 'map':
      return mapEmitter(target)
    case 'either':
      return eitherEmitter(target)
    default:
      return scalars[target.type]
  }
}

function structEmitter(schema: StructSchema): Emit {
  const fill = fillOf(schema)
  return (writer, value, key) => {
    const { end } = writer
    fill(writer, value as object)
    writer.prefix(end, key)
  }
}

function listEmitter(item: Schema): Emit {
  const emit = emitterOf(item)
  const zero = zeroOf(resolved(item))
  return (writer, value, key) => {
    const items = value as unknown[]
    for (let at = items.length - 1; at >= 0; at--) emit(writer, items[at] ?? zero, key)
  }
}

function wrappedListEmitter(item: Schema): Emit {
  const emit = listEmitter(item)
  const itemKey = keyOf(1, item)
  return (writer, value, key) => {
    const { end } = writer
    emit(writer, value, itemKey)
    writer.prefix(end, key)
  }
}

function mapEmitter(schema: MapSchema): Emit {
  const target = resolved(schema.value)
  const emit = emitterOf(target)
  const valueKey = keyOf(2, target)
  const zero = zeroOf(target)
  return (writer, value, key) => {
    const entries = value as Record<string, unknown>
    const names = Object.keys(entries).sort(byBytes)
    for (let at = names.length - 1; at >= 0; at--) {
      const name = names[at]!
      const { end } = writer
      const own = entries[name] ?? zero
      if (own !== undefined) emit(writer, own, valueKey)
      scalars.string(writer, name, MAP_KEY)
      writer.prefix(end, key)
    }
  }
}

const MAP_KEY = 1 * 8 + DELIMITED

/** Go compares bytes; UTF-16 units order otherwise only where surrogates meet U+E000 and above. */
function byBytes(one: string, other: string): number {
  if (one === other) return 0
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)]
    if (left === right) continue
    if (left < 0xd800 || right < 0xd800) return left - right
    return Buffer.compare(Buffer.from(one), Buffer.from(other))
  }
  return one.length - other.length
}

function eitherEmitter(schema: EitherSchema): Emit {
  const emitStruct = emitterOf(schema.struct)
  const emitOther = emitterOf(schema.other)
  const structKey = keyOf(schema.structTag, schema.struct)
  const otherKey = keyOf(schema.otherTag, schema.other)
  // The type with a boolean holds it by value, and a schema implies true.
  const isFlagged = resolved(schema.other).type === 'boolean'
  return (writer, value, key) => {
    const { end } = writer
    if (typeof value === 'object' && !Array.isArray(value)) {
      emitStruct(writer, value, structKey)
      if (isFlagged) emitOther(writer, true, otherKey)
    } else emitOther(writer, value, otherKey)
    writer.prefix(end, key)
  }
}

const emitInteger: Emit = (writer, value, key) => {
  writer.int64(value as number)
  writer.varint(key)
}

const emitText: Emit = (writer, value, key) => {
  const { end } = writer
  writer.text(value as string)
  writer.prefix(end, key)
}

/** A message whose only field is the JSON text. */
const emitJson: Emit = (writer, value, key) => {
  const { end } = writer
  if (value !== emptyMessage && value !== null) emitText(writer, JSON.stringify(value), FIRST_TEXT)
  writer.prefix(end, key)
}

const FIRST_TEXT = 1 * 8 + DELIMITED
const FIRST_NUMBER = 1 * 8 + VARINT
const SECOND_NUMBER = 2 * 8 + VARINT
const THIRD_TEXT = 3 * 8 + DELIMITED

const emitTimestamp =
  (epochOf: (text: string) => { seconds: number; nanos: number }, keepsNanos: boolean): Emit =>
  (writer, value, key) => {
    const { end } = writer
    if (value !== emptyMessage) {
      const { seconds, nanos } = epochOf(value as string)
      emitInteger(writer, keepsNanos ? nanos : 0, SECOND_NUMBER)
      emitInteger(writer, seconds, FIRST_NUMBER)
    }
    writer.prefix(end, key)
  }

const scalars: Record<ScalarType, Emit> = {
  string: emitText,
  boolean(writer, value, key) {
    writer.varint(value ? 1 : 0)
    writer.varint(key)
  },
  int32: emitInteger,
  int64: emitInteger,
  float64(writer, value, key) {
    writer.double(value as number)
    writer.varint(key)
  },
  bytes(writer, value, key) {
    const { end } = writer
    writer.raw(Buffer.from(value as string, 'base64'))
    writer.prefix(end, key)
  },
  quantity(writer, value, key) {
    const { end } = writer
    emitText(writer, value, FIRST_TEXT)
    writer.prefix(end, key)
  },
  time: emitTimestamp(timeToEpoch, false),
  microTime: emitTimestamp(microTimeToEpoch, true),
  duration(writer, value, key) {
    const { end } = writer
    writer.bigInt64(parseDuration(value as string))
    writer.varint(FIRST_NUMBER)
    writer.prefix(end, key)
  },
  intOrString(writer, value, key) {
    const { end } = writer
    const isText = typeof value === 'string'
    emitText(writer, isText ? value : '', THIRD_TEXT)
    emitInteger(writer, isText ? 0 : value, SECOND_NUMBER)
    emitInteger(writer, isText ? 1 : 0, FIRST_NUMBER)
    writer.prefix(end, key)
  },
  any: emitJson,
  object: emitJson,
}

/** Whether objects of this schema have a protobuf form at all; a Table, for one, has none. */
export function hasProtobuf(schema: Schema): boolean {
  return Object.values(structOf(schema).fields).some((field) => field.tag > 0)
}
