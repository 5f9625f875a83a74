/** Writes replies as bytes: names shortened by pointers, and cut off where the client says so. */
import { parseIp } from '#api/ip.ts'
import { type DnsRecord, type Question, type Reply, recordTypes, responseCodes } from './message.ts'
import { HEADER_BYTES } from './read-question.ts'

const REPLY_BYTES_MAX = 65_535
const CLASS_INTERNET = 1
const EXTENSION_BYTES = 11
/** What is asked for most has to fit into one packet on any way: the advice of DNS flag day. */
const OWN_SIZE_MAX = 1232
const POINTER_REACH = 0x3fff
const FLAGS = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  checkingDisabled: 0x0010,
}
/** As CoreDNS answers; nobody transfers the zone, so nobody reads them. */
const SOA_TIMES = { refresh: 7200, retry: 1800, expire: 86_400 }

/** One reply is written at a time, so that all share the room. */
const scratch = Buffer.allocUnsafe(REPLY_BYTES_MAX)

export interface WriteOptions {
  /** Over TCP everything fits. */
  readonly sizeMax: number
  readonly isRecursionAvailable: boolean
}

export function writeReply(question: Question, reply: Reply, options: WriteOptions): Buffer {
  const { extension, bytes } = question
  const sizeMax = Math.min(options.sizeMax, REPLY_BYTES_MAX) - (extension ? EXTENSION_BYTES : 0)
  const writer = new Writer(question)
  const answers = writer.records(reply.answers, sizeMax)
  const authority = answers.isCut ? uncut : writer.records(reply.authority, sizeMax)
  const additional = answers.isCut ? uncut : writer.records(reply.additional, sizeMax)
  if (extension) writer.extension(responseCodes[reply.code])
  const flags =
    FLAGS.response |
    (question.opcode << 11) |
    (reply.isAuthoritative ? FLAGS.authoritative : 0) |
    // What is only thrown in may be missing without a word.
    (answers.isCut || authority.isCut ? FLAGS.truncated : 0) |
    (question.isRecursionDesired ? FLAGS.recursionDesired : 0) |
    (options.isRecursionAvailable ? FLAGS.recursionAvailable : 0) |
    (question.isCheckingDisabled ? FLAGS.checkingDisabled : 0) |
    (responseCodes[reply.code] & 0xf)
  scratch.writeUInt16BE(question.id, 0)
  scratch.writeUInt16BE(flags, 2)
  scratch.writeUInt16BE(bytes.length > 0 ? 1 : 0, 4)
  scratch.writeUInt16BE(answers.count, 6)
  scratch.writeUInt16BE(authority.count, 8)
  scratch.writeUInt16BE(additional.count + (extension ? 1 : 0), 10)
  return Buffer.from(scratch.subarray(0, writer.length))
}

/** For what cannot be read far enough to repeat its question. */
export function writeFailure(id: number, code: number, isRecursionDesired: boolean): Buffer {
  const reply = Buffer.alloc(HEADER_BYTES)
  reply.writeUInt16BE(id, 0)
  reply.writeUInt16BE(FLAGS.response | (isRecursionDesired ? FLAGS.recursionDesired : 0) | code, 2)
  return reply
}

interface Written {
  readonly count: number
  readonly isCut: boolean
}
const uncut: Written = { count: 0, isCut: false }

class Writer {
  #at: number
  /** Where a name, from some label on, has been written before. */
  readonly #known = new Map<string, number>()

  constructor({ bytes, labels }: Question) {
    bytes.copy(scratch, HEADER_BYTES)
    let at = HEADER_BYTES
    for (let index = 0; index < labels.length; index++) {
      this.#known.set(labels.slice(index).join('.'), at)
      at += scratch[at]! + 1
    }
    this.#at = HEADER_BYTES + bytes.length
  }

  get length(): number {
    return this.#at
  }

  /** As many as there is room for. */
  records(records: readonly DnsRecord[], sizeMax: number): Written {
    let count = 0
    for (const record of records) {
      const before = this.#at
      // The longest that a record of ours can be.
      if (before + 1024 < REPLY_BYTES_MAX) this.#record(record)
      if (this.#at > sizeMax || this.#at === before) {
        this.#forget(before)
        return { count, isCut: true }
      }
      count++
    }
    return { count, isCut: false }
  }

  extension(code: number): void {
    scratch[this.#at] = 0
    scratch.writeUInt16BE(recordTypes.OPT, this.#at + 1)
    scratch.writeUInt16BE(OWN_SIZE_MAX, this.#at + 3)
    scratch.writeUInt32BE((code >> 4) << 24, this.#at + 5)
    scratch.writeUInt16BE(0, this.#at + 9)
    this.#at += EXTENSION_BYTES
  }

  #record(record: DnsRecord): void {
    this.#name(record.name)
    this.#number16(recordTypes[record.type])
    this.#number16(CLASS_INTERNET)
    this.#number32(record.ttlSeconds)
    const lengthAt = this.#at
    this.#at += 2
    this.#data(record)
    scratch.writeUInt16BE(this.#at - lengthAt - 2, lengthAt)
  }

  #data(record: DnsRecord): void {
    switch (record.type) {
      case 'A':
      case 'AAAA':
        this.#address(record.address)
        break
      case 'CNAME':
      case 'PTR':
      case 'NS':
        this.#name(record.target)
        break
      case 'SRV':
        this.#number16(record.priority)
        this.#number16(record.weight)
        this.#number16(record.port)
        // Pointers are not allowed here.
        this.#name(record.target, false)
        break
      case 'TXT':
        this.#label(record.text)
        break
      case 'SOA':
        this.#name(record.server)
        this.#name(record.mailbox)
        for (const number of [record.serial, ...Object.values(SOA_TIMES), record.minimumSeconds]) {
          this.#number32(number)
        }
    }
  }

  #address(text: string): void {
    if (!text.includes(':')) {
      for (const part of text.split('.')) scratch[this.#at++] = Number(part)
      return
    }
    const { value } = parseIp(text)!
    scratch.writeBigUInt64BE(value >> 64n, this.#at)
    scratch.writeBigUInt64BE(value & 0xffff_ffff_ffff_ffffn, this.#at + 8)
    this.#at += 16
  }

  #name(name: string, mayPoint = true): void {
    let rest = name.toLowerCase()
    while (rest !== '') {
      const known = mayPoint ? this.#known.get(rest) : undefined
      if (known !== undefined) {
        this.#number16(0xc000 | known)
        return
      }
      if (this.#at <= POINTER_REACH && !this.#known.has(rest)) this.#known.set(rest, this.#at)
      const dot = rest.indexOf('.')
      this.#label(dot < 0 ? rest : rest.slice(0, dot))
      rest = dot < 0 ? '' : rest.slice(dot + 1)
    }
    scratch[this.#at++] = 0
  }

  #label(text: string): void {
    const length = scratch.write(text, this.#at + 1, 'latin1')
    scratch[this.#at] = length
    this.#at += length + 1
  }

  #number16(value: number): void {
    this.#at = scratch.writeUInt16BE(value, this.#at)
  }

  #number32(value: number): void {
    this.#at = scratch.writeUInt32BE(value >>> 0, this.#at)
  }

  /** What was taken back cannot be pointed at. */
  #forget(from: number): void {
    for (const [name, at] of this.#known) if (at >= from) this.#known.delete(name)
    this.#at = from
  }
}
