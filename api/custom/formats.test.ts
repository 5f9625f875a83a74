/** Formats of texts: one row for what each takes, one for what it refuses. */
import { describe, expect, test } from 'vitest'
import { formatTest } from './formats.ts'

const accepted: Readonly<Record<string, readonly string[]>> = {
  bsonobjectid: ['507f1f77bcf86cd799439011'],
  byte: ['', 'aGVsbG8=', 'aGVsbG8h'],
  cidr: ['10.0.0.0/8', '2001:db8::/32'],
  creditcard: ['4111 1111 1111 1111'],
  date: ['2026-02-28', '2024-02-29'],
  'date-time': ['2026-01-01T00:00:00Z', '2026-01-01t23:59:60.123+02:00'],
  duration: ['1h30m', '300ms', '3 days', '0'],
  email: ['a.b+c@example.com'],
  hexcolor: ['#fff', 'c0ffee'],
  hostname: ['example.com', 'localhost'],
  ipv4: ['192.168.0.1'],
  ipv6: ['::1', '2001:db8::1'],
  isbn: ['0-306-40615-2', '978-0-306-40615-7'],
  isbn10: ['080442957X'],
  isbn13: ['9780306406157'],
  mac: ['00:1b:44:11:3a:b7', '001b.4411.3ab7'],
  password: ['anything at all'],
  rgbcolor: ['rgb(0, 128,255)'],
  ssn: ['111-22-3333'],
  uri: ['https://example.com/a?b=c', '/path', 'urn:isbn:1'],
  uuid: ['3c2f1d7e-5b1a-4f0e-9a57-0c1b2d3e4f50'],
  uuid3: ['3c2f1d7e-5b1a-3f0e-9a57-0c1b2d3e4f50'],
  uuid4: ['3c2f1d7e-5b1a-4f0e-9a57-0c1b2d3e4f50'],
  uuid5: ['3c2f1d7e-5b1a-5f0e-9a57-0c1b2d3e4f50'],
  'k8s-short-name': ['a', 'my-name-1'],
  'k8s-long-name': ['my.long.name'],
}

const refused: Readonly<Record<string, readonly string[]>> = {
  bsonobjectid: ['507f1f77bcf86cd79943901', 'x07f1f77bcf86cd799439011'],
  byte: ['aGVsbG8', 'a=b='],
  cidr: ['10.0.0.0', '10.0.0.0/33', '10.0.0/8'],
  creditcard: ['4111 1111 1111 1112', '4111'],
  date: ['2026-02-30', '2025-02-29', '26-1-1', '2026-13-01'],
  'date-time': ['2026-01-01', '2026-01-01T24:00:00Z', '2026-01-01T00:00:00'],
  duration: ['', '1', 'a day', '1x'],
  email: ['a', 'a@', '@b', 'a b@c'],
  hexcolor: ['#ff', 'red'],
  hostname: ['', '-a', 'a..b', 'a b'],
  ipv4: ['192.168.0.256', '::1'],
  ipv6: ['192.168.0.1', ':::'],
  isbn: ['0-306-40615-3'],
  isbn10: ['0804429570', '1'],
  isbn13: ['9780306406158', '1'],
  mac: ['00:1b:44:11:3a', '00-1b:44:11:3a:b7'],
  rgbcolor: ['rgb(0,0,256)', 'rgb(0,0)'],
  ssn: ['111-22-333'],
  uri: ['', 'no scheme', 'a b:c'],
  uuid: ['3c2f1d7e', '3c2f1d7e-5b1a-4f0e-9a57-0c1b2d3e4f5g'],
  uuid3: ['3c2f1d7e-5b1a-4f0e-9a57-0c1b2d3e4f50'],
  uuid4: ['3c2f1d7e-5b1a-4f0e-ca57-0c1b2d3e4f50'],
  uuid5: ['3c2f1d7e-5b1a-4f0e-9a57-0c1b2d3e4f50'],
  'k8s-short-name': ['', 'A', '-a', 'a'.repeat(64)],
  'k8s-long-name': ['a..b', 'A.b', 'a'.repeat(254)],
}

const rows = (table: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(table).flatMap(([format, texts]) => texts.map((text) => [format, text] as const))

describe('accepts', () => {
  test.for(rows(accepted))('%s %s', ([format, text]) => {
    expect(formatTest(format)?.(text)).toBe(true)
  })
})

describe('refuses', () => {
  test.for(rows(refused))('%s %s', ([format, text]) => {
    expect(formatTest(format)?.(text)).toBe(false)
  })
})

test('names of methods of objects are no formats', () => {
  expect(formatTest('constructor')).toBeUndefined()
  expect(formatTest('poem')).toBeUndefined()
})
