/** Formats of texts that a custom resource's schema may ask for; any other format means nothing. */
import { parseCidr, parseIp } from '../ip.ts'
import { parseDuration } from '../time.ts'

type Test = (text: string) => boolean

const matches =
  (pattern: RegExp): Test =>
  (text) =>
    pattern.test(text)

const uuid = (version: string, variant = '[0-9a-f]'): Test =>
  matches(
    new RegExp(
      `^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`,
      'i',
    ),
  )

const tests: Readonly<Record<string, Test>> = {
  bsonobjectid: matches(/^[0-9a-f]{24}$/i),
  byte: isBase64,
  cidr: (text) => parseCidr(text) !== undefined,
  creditcard: isCreditCard,
  date: isDate,
  datetime: isDateTime,
  duration: isDuration,
  email: matches(/^[^\s@<>()[\]\\,;:"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)*[A-Za-z0-9-]+$/),
  hexcolor: matches(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i),
  hostname: isHostname,
  ipv4: (text) => parseIp(text)?.family === 'IPv4',
  ipv6: (text) => parseIp(text)?.family === 'IPv6',
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  mac: matches(
    /^(?:[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2})?|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2,3})$/i,
  ),
  password: () => true,
  rgbcolor: isRgbColor,
  ssn: matches(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  uri: isUri,
  uuid: uuid('[0-9a-f]'),
  uuid3: uuid('3'),
  uuid4: uuid('4', '[89ab]'),
  uuid5: uuid('5', '[89ab]'),
  k8sshortname: matches(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/),
  k8slongname: (text) =>
    text.length <= 253 && text.split('.').every(matches(/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/)),
}

/** Undefined for a format that values are not checked against. Dashes do not matter. */
export function formatTest(format: string): Test | undefined {
  const name = format.replaceAll('-', '')
  return Object.hasOwn(tests, name) ? tests[name] : undefined
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

/** The year, month and day exist. */
function isDate(text: string): boolean {
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined
  return date !== undefined && !Number.isNaN(+date) && date.toISOString().startsWith(text)
}

function isDateTime(text: string): boolean {
  const [, date = '', clock = ''] = /^(\d{4}-\d\d-\d\d)[Tt](.*)$/.exec(text) ?? []
  const isClock =
    /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/
  return isDate(date) && isClock.test(clock)
}

/** Go's durations, and the words that upstream takes besides, such as `3 days`. */
function isDuration(text: string): boolean {
  if (
    /^\s*[-+]?\d+\s*(?:ns|us|µs|ms|s|m|h|d|w|nano|micro|milli|sec|min|hr|day|week|nanosecond|microsecond|millisecond|second|minute|hour)s?\s*$/.test(
      text,
    )
  ) {
    return true
  }
  try {
    parseDuration(text)
    return true
  } catch {
    // Any failure says that the text is no duration.
    return false
  }
}

function isHostname(text: string): boolean {
  const labels = text.split('.')
  return (
    text.length <= 255 &&
    labels.every((label) => /^[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?$/u.test(label))
  )
}

function isUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(text) || /^\/\S*$/.test(text)
}

function isRgbColor(text: string): boolean {
  const [, ...parts] = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text) ?? []
  return parts.length === 3 && parts.every((part) => Number(part) <= 255)
}

function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/[ -]/g, '')
  return /^\d{13,19}$/.test(digits) && luhn(digits) % 10 === 0
}

function luhn(digits: string): number {
  return [...digits].reverse().reduce((sum, digit, at) => {
    const value = Number(digit) * (at % 2 ? 2 : 1)
    return sum + (value > 9 ? value - 9 : value)
  }, 0)
}

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[ -]/g, '')
  if (!/^\d{9}[\dX]$/.test(digits)) return false
  const values = [...digits].map((digit) => (digit === 'X' ? 10 : Number(digit)))
  return values.reduce((sum, value, at) => sum + value * (10 - at), 0) % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[ -]/g, '')
  if (!/^\d{13}$/.test(digits)) return false
  return (
    [...digits].reduce((sum, digit, at) => sum + Number(digit) * (at % 2 ? 3 : 1), 0) % 10 === 0
  )
}
