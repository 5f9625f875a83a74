/** The first bytes of every segment and snapshot: what the file is and how to read the rest. */
import { crc32 } from 'node:zlib'
import { damaged } from '../store-error.ts'
import type { DiskFile } from './disk.ts'

export const FILE_HEADER_BYTES = 64
const FORMAT_VERSION = 1
const CHECKSUM_AT = 60
const WORD = 2 ** 32

export const magics = { segment: 'nk-log\r\n', snapshot: 'nk-snap\n' } as const
export type Magic = (typeof magics)[keyof typeof magics]

export interface FileHeader {
  readonly magic: Magic
  /** Random; seeds the checksum of every record, so that bytes of another file never fit. */
  readonly salt: number
  /** A segment's own number; for a snapshot, the number of the first segment to replay on it. */
  readonly sequence: number
  /** Where the segment before this one ends; what lies behind in that file counts for nothing. */
  readonly previousLength: number
  /** The revision before the first record, or the one a snapshot shows. */
  readonly revision: number
}

export function encodeFileHeader(header: FileHeader): Buffer {
  const bytes = Buffer.alloc(FILE_HEADER_BYTES)
  bytes.write(header.magic, 0, 'latin1')
  bytes.writeUInt32LE(FORMAT_VERSION, 8)
  bytes.writeUInt32LE(header.salt, 12)
  bytes.writeUInt32LE(header.sequence, 16)
  bytes.writeUInt32LE(header.previousLength, 20)
  bytes.writeUInt32LE(header.revision % WORD, 24)
  bytes.writeUInt32LE(Math.floor(header.revision / WORD), 28)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CHECKSUM_AT)), CHECKSUM_AT)
  return bytes
}

/** Reads the header and throws `Damaged` unless it is the one that this file must have. */
export async function readFileHeader(
  file: DiskFile,
  name: string,
  magic: Magic,
  sequence: number,
): Promise<FileHeader> {
  const bytes = Buffer.alloc(FILE_HEADER_BYTES)
  const length = await file.read(bytes, 0)
  if (length < FILE_HEADER_BYTES) throw damaged(name, length, 'the file ends within its header')
  if (crc32(bytes.subarray(0, CHECKSUM_AT)) !== bytes.readUInt32LE(CHECKSUM_AT)) {
    throw damaged(name, 0, 'the header does not match its checksum')
  }
  const version = bytes.readUInt32LE(8)
  if (version !== FORMAT_VERSION) {
    throw damaged(name, 8, `format version is ${version}, wanted ${FORMAT_VERSION}`)
  }
  const header = {
    magic,
    salt: bytes.readUInt32LE(12),
    sequence: bytes.readUInt32LE(16),
    previousLength: bytes.readUInt32LE(20),
    revision: bytes.readUInt32LE(24) + bytes.readUInt32LE(28) * WORD,
  }
  const isOther = bytes.toString('latin1', 0, 8) !== magic || header.sequence !== sequence
  if (isOther) throw damaged(name, 0, 'the header is that of another file')
  return header
}
