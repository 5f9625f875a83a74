/** Replies of other servers: checked, kept as bytes, made fit for somebody else who asks. */
import { type DnsRecord, type Question, recordTypes, responseCodes } from './message.ts'
import { HEADER_BYTES, readLabels } from './read-question.ts'

/** One that was taken apart far enough to be kept and handed out again. */
export interface ForeignReply {
  readonly bytes: Buffer
  readonly code: number
  readonly isTruncated: boolean
  /** Where times to live stand, to be counted down. */
  readonly ttlPlaces: readonly number[]
  /** How long it holds; undefined when it is not to be kept. */
  readonly ttlSeconds: number | undefined
}

const FLAG_RESPONSE = 0x8000
const FLAG_TRUNCATED = 0x0200
const FLAG_CHECKING_DISABLED = 0x0010
const FLAG_RECURSION_DESIRED = 0x0100

interface Section {
  readonly name: readonly string[]
  readonly type: number
  readonly ttlAt: number
  readonly dataAt: number
  readonly dataEnd: number
  readonly part: 'answer' | 'authority' | 'additional'
}

/** Undefined for what is no reply to this very question: somebody may be guessing. */
export function readForeignReply(
  bytes: Buffer,
  id: number,
  question: Pick<Question, 'labels' | 'type'>,
): ForeignReply | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== id) return undefined
  const flags = bytes.readUInt16BE(2)
  if (!(flags & FLAG_RESPONSE)) return undefined
  const code = flags & 0xf
  const name = readLabels(bytes, HEADER_BYTES)
  if (bytes.readUInt16BE(4) !== 1 || !name || name.end + 4 > bytes.length) return undefined
  if (bytes.readUInt16BE(name.end) !== question.type) return undefined
  if (name.labels.join('.') !== question.labels.join('.')) return undefined
  const sections = readSections(bytes, name.end + 4)
  if (!sections) return undefined
  const places = sections.filter(({ type }) => type !== recordTypes.OPT).map(({ ttlAt }) => ttlAt)
  const isTruncated = (flags & FLAG_TRUNCATED) !== 0
  const ttlSeconds = isTruncated ? undefined : lifetime(bytes, code, sections)
  return { bytes, code, isTruncated, ttlPlaces: places, ttlSeconds }
}

/** The same reply for another question of the same name and type, some time later. */
export function handOut(
  { bytes, ttlPlaces }: Pick<ForeignReply, 'bytes' | 'ttlPlaces'>,
  question: Question,
  ageSeconds: number,
  sizeMax: number,
): Buffer {
  const end = HEADER_BYTES + question.bytes.length
  const isTooLong = bytes.length > sizeMax
  const copy = Buffer.from(isTooLong ? bytes.subarray(0, end) : bytes)
  // In the client's own spelling, which it may compare.
  question.bytes.copy(copy, HEADER_BYTES)
  copy.writeUInt16BE(question.id, 0)
  const asked =
    (question.isRecursionDesired ? FLAG_RECURSION_DESIRED : 0) |
    (question.isCheckingDisabled ? FLAG_CHECKING_DISABLED : 0)
  const own = copy.readUInt16BE(2) & ~(FLAG_RECURSION_DESIRED | FLAG_CHECKING_DISABLED)
  copy.writeUInt16BE(own | asked | (isTooLong ? FLAG_TRUNCATED : 0), 2)
  if (isTooLong) {
    copy.fill(0, 6, HEADER_BYTES)
    return copy
  }
  for (const at of ttlPlaces) {
    copy.writeUInt32BE(Math.max(0, copy.readUInt32BE(at) - ageSeconds), at)
  }
  return copy
}

/** What it says about names and addresses, to complete an answer of ours. */
export function recordsOf({ bytes }: Pick<ForeignReply, 'bytes'>): readonly DnsRecord[] {
  const name = readLabels(bytes, HEADER_BYTES)
  const sections = (name && readSections(bytes, name.end + 4)) ?? []
  return sections
    .filter(({ part }) => part === 'answer')
    .flatMap((section) => recordOf(bytes, section) ?? [])
}

function recordOf(bytes: Buffer, section: Section): DnsRecord | undefined {
  const { name, type, ttlAt, dataAt, dataEnd } = section
  const shared = { name: name.join('.'), ttlSeconds: bytes.readUInt32BE(ttlAt) }
  if (type === recordTypes.A && dataEnd - dataAt === 4) {
    return { ...shared, type: 'A', address: [...bytes.subarray(dataAt, dataEnd)].join('.') }
  }
  if (type === recordTypes.AAAA && dataEnd - dataAt === 16) {
    const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(dataAt + at * 2))
    const address = groups.map((group) => group.toString(16)).join(':')
    return { ...shared, type: 'AAAA', address }
  }
  if (type !== recordTypes.CNAME) return undefined
  const target = readLabels(bytes, dataAt)?.labels.join('.')
  return target === undefined ? undefined : { ...shared, type: 'CNAME', target }
}

function readSections(bytes: Buffer, start: number): readonly Section[] | undefined {
  const sections: Section[] = []
  let at = start
  for (const [part, countAt] of [
    ['answer', 6],
    ['authority', 8],
    ['additional', 10],
  ] as const) {
    for (let left = bytes.readUInt16BE(countAt); left > 0; left--) {
      const name = readLabels(bytes, at)
      if (!name || name.end + 10 > bytes.length) return undefined
      const dataAt = name.end + 10
      const dataEnd = dataAt + bytes.readUInt16BE(name.end + 8)
      if (dataEnd > bytes.length) return undefined
      const type = bytes.readUInt16BE(name.end)
      sections.push({ name: name.labels, type, ttlAt: name.end + 4, dataAt, dataEnd, part })
      at = dataEnd
    }
  }
  return sections
}

/** That something is not there holds as long as the zone says; without a word it is not kept. */
function lifetime(bytes: Buffer, code: number, sections: readonly Section[]): number | undefined {
  const ttls = (all: readonly Section[]): number[] =>
    all.map(({ ttlAt }) => bytes.readUInt32BE(ttlAt))
  const answers = sections.filter(({ part }) => part === 'answer')
  if (code === responseCodes.NOERROR && answers.length > 0) return Math.min(...ttls(answers))
  if (code !== responseCodes.NOERROR && code !== responseCodes.NXDOMAIN) return undefined
  const authority = sections.find(
    ({ part, type }) => part === 'authority' && type === recordTypes.SOA,
  )
  if (!authority || authority.dataEnd - authority.dataAt < 4) return undefined
  return Math.min(...ttls([authority]), bytes.readUInt32BE(authority.dataEnd - 4))
}
