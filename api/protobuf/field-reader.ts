/** Readers of protobuf fields, and how those of one message take turns at its bytes. */
import { ProtobufError } from './protobuf-error.ts'
import { DELIMITED, type Reader } from './reader.ts'

/** Reads one value; undefined is one that counts as unset. */
export interface ValueReader {
  readonly wire: number
  readonly read: (reader: Reader) => unknown
}

/** Reads one occurrence of a field into the slot of its struct. */
export interface FieldReader {
  readonly wire: number
  readonly read: (reader: Reader, slots: unknown[]) => void
  /** Numbers that repeat may also come packed into one value. */
  readonly isPackable: boolean
}

/** Fields by tag. */
export type Fields = readonly (FieldReader | undefined)[]

export function readFields(reader: Reader, fields: Fields, slots: unknown[]): void {
  while (reader.at < reader.end) {
    const key = reader.key()
    const tag = key >>> 3
    const wire = key & 7
    const field = tag < fields.length ? fields[tag] : undefined
    if (!field) reader.skip(wire)
    else if (wire === field.wire) field.read(reader, slots)
    else if (wire === DELIMITED && field.isPackable) readPacked(reader, field, slots)
    else throw new ProtobufError(`proto: wrong wireType = ${wire} for field ${tag}`)
  }
}

function readPacked(reader: Reader, field: FieldReader, slots: unknown[]): void {
  const outer = reader.enter()
  while (reader.at < reader.end) field.read(reader, slots)
  reader.leave(outer)
}

export function message(read: (reader: Reader) => unknown): ValueReader {
  return {
    wire: DELIMITED,
    read(reader) {
      const outer = reader.enter()
      const value = read(reader)
      reader.leave(outer)
      return value
    },
  }
}
