/** Bytes from strangers never break anything, and what is written can be read again. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readForeignReply, recordsOf } from './foreign-reply.ts'
import { type DnsRecord, emptyReply, type Question, type Reply, recordTypes } from './message.ts'
import { type ReadQuestion, readQuestion } from './read-question.ts'
import { questionText } from './test-question.ts'
import { writeReply } from './write-reply.ts'

const read = (bytes: Buffer): Question => {
  const result: ReadQuestion = readQuestion(bytes)
  if (!('question' in result)) throw new Error('no question')
  return result.question
}
const anyTime = { sizeMax: 65_535, isRecursionAvailable: true }

describe('readQuestion()', () => {
  test('name, type and extension', () => {
    const bytes = questionText('Web.Shop.svc', recordTypes.AAAA, { id: 7, sizeMax: 1400 })
    expect(read(bytes)).toMatchObject({
      id: 7,
      labels: ['web', 'shop', 'svc'],
      type: 28,
      class: 1,
      isRecursionDesired: true,
      extension: { sizeMax: 1400, version: 0, wantsDnssec: false },
    })
  })
  test('a dot in a label does not end it', () => {
    const bytes = questionText('', recordTypes.A, { labels: ['a.b', 'c\\d'] })
    expect(read(bytes).labels).toEqual(['a\\.b', 'c\\\\d'])
  })
  const at =
    (place: number, value: number) =>
    (bytes: Buffer): Buffer => {
      bytes.writeUInt16BE(value, place)
      return bytes
    }
  test.for<[string, (bytes: Buffer) => Buffer, string]>([
    ['shorter than a header', (bytes) => bytes.subarray(0, 11), 'ignored'],
    ['a reply', at(2, 0x8100), 'ignored'],
    ['no question', at(4, 0), 'broken'],
    ['two questions', at(4, 2), 'broken'],
    ['cut off in the name', (bytes) => bytes.subarray(0, 14), 'broken'],
    ['cut off behind the name', (bytes) => bytes.subarray(0, bytes.length - 13), 'broken'],
    ['a name that points at itself', at(12, 0xc00c), 'broken'],
    ['a name that points at the header', at(12, 0xc000), 'broken'],
    ['a record that is not there', at(10, 2), 'broken'],
  ])('%s', ([, change, wanted]) => {
    const bytes = questionText('web.svc', recordTypes.A, { sizeMax: 512 })
    expect(Object.keys(readQuestion(change(bytes)))).toEqual([wanted])
  })
  test('any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const message = Buffer.from(bytes)
        if (message.length > 5 && message[0]! % 2) message.writeUInt16BE(1, 4)
        const result = readQuestion(message)
        if ('question' in result) writeReply(result.question, emptyReply('NXDOMAIN'), anyTime)
        readForeignReply(message, 0, { labels: [], type: 1 })
      }),
      { seed: 5, numRuns: 5000 },
    )
  })
})

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/)
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
const record: fc.Arbitrary<DnsRecord> = fc
  .record({ name, ttlSeconds: fc.nat(), target: name, number: fc.nat(255) })
  .chain(({ target, number, ...shared }) =>
    fc.constantFrom<DnsRecord>(
      { ...shared, type: 'A', address: `10.0.0.${number}` },
      { ...shared, type: 'CNAME', target },
    ),
  )

describe('writeReply()', () => {
  test('what is written is what is read', () => {
    fc.assert(
      fc.property(name, fc.array(record, { maxLength: 20 }), (asked, answers) => {
        const question = read(questionText(asked, recordTypes.A, { id: 9 }))
        const bytes = writeReply(question, { ...emptyReply('NOERROR'), answers }, anyTime)
        const reply = readForeignReply(bytes, 9, question)!
        expect(recordsOf(reply)).toEqual(answers)
      }),
      { seed: 5, numRuns: 500 },
    )
  })
  const many = (count: number): Reply => ({
    ...emptyReply('NOERROR'),
    answers: Array.from({ length: count }, (_, index) => ({
      type: 'A',
      name: 'web.svc',
      ttlSeconds: 5,
      address: `10.0.${index >> 8}.${index & 0xff}`,
    })),
  })
  test('names are written once', () => {
    const question = read(questionText('web.svc', recordTypes.A))
    expect(writeReply(question, many(10), anyTime)).toHaveLength(12 + question.bytes.length + 160)
  })
  test('what does not fit is cut off between records, and said to be', () => {
    const plain = read(questionText('web.svc', recordTypes.A))
    const bytes = writeReply(plain, many(100), { ...anyTime, sizeMax: 512 })
    expect(bytes.length).toBeLessThanOrEqual(512)
    expect(bytes.readUInt16BE(2) & 0x0200).not.toBe(0)
    expect(bytes.readUInt16BE(6)).toBe(Math.floor((512 - 12 - plain.bytes.length) / 16))
    const extended = read(questionText('web.svc', recordTypes.A, { sizeMax: 1232 }))
    const more = writeReply(extended, many(100), { ...anyTime, sizeMax: 1232 })
    expect(more.length).toBeLessThanOrEqual(1232)
    expect(more.readUInt16BE(10)).toBe(1)
    expect(writeReply(plain, many(100), anyTime).readUInt16BE(2) & 0x0200).toBe(0)
  })
  test('what is thrown in is left out without a word', () => {
    const question = read(questionText('web.svc', recordTypes.A))
    const { answers } = many(100)
    const reply = { ...emptyReply('NOERROR'), answers: answers.slice(0, 1), additional: answers }
    const bytes = writeReply(question, reply, { ...anyTime, sizeMax: 512 })
    expect(bytes.readUInt16BE(2) & 0x0200).toBe(0)
    expect(bytes.readUInt16BE(10)).toBeGreaterThan(10)
  })
  test('more than any reply can hold', () => {
    const question = read(questionText('web.svc', recordTypes.A))
    const bytes = writeReply(question, many(5000), anyTime)
    expect(bytes.length).toBeLessThanOrEqual(65_535)
    expect(bytes.readUInt16BE(2) & 0x0200).not.toBe(0)
  })
  test('a code of more than four bits', () => {
    const question = read(questionText('web.svc', recordTypes.A, { sizeMax: 1232 }))
    const bytes = writeReply(question, emptyReply('BADVERS'), anyTime)
    expect(bytes.readUInt16BE(2) & 0xf).toBe(0)
    expect(bytes[bytes.length - 6]).toBe(1)
  })
})
