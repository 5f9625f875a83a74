/** Quantities against what a genuine server made of the same texts, and laws of arithmetic. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  isZero,
  milliValue,
  negatedQuantity,
  parseQuantity,
  QuantityError,
  type QuantityFormat,
  quantityFromMilli,
  quantityFromUnits,
  quantitySign,
  quantityValue,
  roundedUpToMilli,
  subtractQuantities,
} from './quantity.ts'

type Row = [text: string, outcome: string | { error: string }]
const facts: Record<string, Row[]> = JSON.parse(
  readFileSync(new URL('../test/fixtures/facts/quantities.json', import.meta.url), 'utf8'),
)

/** The recorded release dropped exponents above exa; later ones keep the value. */
const keptSince: Record<string, string> = { '1000000000000000000000': '1e21' }

const outcomeOf = (canonical: () => string): string => {
  try {
    return canonical()
  } catch (error) {
    if (error instanceof QuantityError) return 'BadRequest'
    throw error
  }
}

const fromList = (text: string): string =>
  outcomeOf(() => roundedUpToMilli(canonicalQuantity(text)))

/** Once JSON is parsed, `1e3` cannot be told from `1000`: rows with an exponent say nothing. */
const plainNumbers = (name: string): Row[] =>
  (facts[name] as Row[]).filter(([json]) => /^-?[0-9.]+$/.test(json))

describe('a genuine server agrees', () => {
  test.for(facts.resourceListString as Row[])('in a resource list: %j', ([text, wanted]) => {
    const outcome = fromList(text)
    if (typeof wanted === 'string') expect(outcome).toBe(keptSince[text] ?? wanted)
    else if (wanted.error === 'BadRequest') expect(outcome).toBe('BadRequest')
    else expect(quantitySign(outcome)).toBe(-1)
  })

  test.for(plainNumbers('resourceListJson'))('in a list, as JSON: %j', ([json, wanted]) => {
    const outcome = outcomeOf(() => roundedUpToMilli(canonicalQuantity(Number(json))))
    if (typeof wanted === 'string') expect(outcome).toBe(wanted)
    else expect(quantitySign(outcome)).toBe(-1)
  })

  test.for(plainNumbers('quantityJson'))('alone, as JSON: %j', ([json, wanted]) => {
    const outcome = outcomeOf(() => canonicalQuantity(Number(json)))
    if (typeof wanted === 'string') expect(outcome).toBe(wanted)
    else expect(quantitySign(outcome)).toBeLessThanOrEqual(0)
  })

  test.for(facts.quantityString as Row[])('alone: %j', ([text, wanted]) => {
    const outcome = outcomeOf(() => canonicalQuantity(text))
    if (typeof wanted === 'string') expect(outcome).toBe(keptSince[text] ?? wanted)
    else if (wanted.error === 'BadRequest') expect(outcome).toBe('BadRequest')
    else expect(quantitySign(outcome)).toBeLessThanOrEqual(0)
  })
})

test.for([
  [
    '',
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  [
    '1 Gi',
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  ['1K', "unable to parse quantity's suffix"],
  ['1e', "unable to parse quantity's suffix"],
  ['1e99999999999', "unable to parse quantity's suffix"],
  ['1'.repeat(2000), 'unable to parse numeric part of quantity'],
] as const)('refuses %j', ([text, message]) => {
  expect(() => parseQuantity(text)).toThrow(new QuantityError(message))
})

test.for([
  [1, '1'],
  [1000, '1k'],
  [1.5, '1500m'],
  [-0.25, '-250m'],
  [1e21, '1e21'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
] as const)('a JSON number %j is stored as %j', ([value, text]) => {
  expect(canonicalQuantity(value)).toBe(text)
})

test.for([
  ['1e-4000', '1e-9', 1n],
  ['-1e-4000', '-1e-9', -1n],
  ['0.9n', '1n', 1n],
  ['1.5', '1500m', 2n],
  ['-1.5', '-1500m', -2n],
  ['1024Ei', '9223372036854775807', 9223372036854775807n],
  ['-1024Ei', '-9223372036854775807', -9223372036854775807n],
] as const)('%s is stored as %s and rounds away from zero to %s', ([text, stored, whole]) => {
  expect(canonicalQuantity(text)).toBe(stored)
  expect(quantityValue(text)).toBe(whole)
})

test.for([
  ['1', '2', '3'],
  ['1', '500m', '1500m'],
  ['0', '1Gi', '1Gi'],
  ['1Gi', '1', '1073741825'],
  ['1Gi', '512Mi', '1536Mi'],
  ['1Ki', '-1Ki', '0'],
  ['8Ei', '8Ei', '18446744073709551614'],
  ['1e3', '2k', '3e3'],
  ['1k', '2e3', '3k'],
] as const)('%s + %s = %s', ([a, b, sum]) => {
  expect(addQuantities(a, b).text).toBe(sum)
  expect(compareQuantities(subtractQuantities(sum, b), a)).toBe(0)
})

test('a sum beyond exbibytes keeps its value', () => {
  const sixteen = addQuantities(
    quantityFromUnits(2n ** 69n, 'BinarySI'),
    quantityFromUnits(2n ** 69n, 'BinarySI'),
  )
  expect(sixteen.text).toBe('1024Ei')
})

test('whole and thousandth values', () => {
  expect(quantityFromMilli(1500, 'DecimalSI').text).toBe('1500m')
  expect(quantityFromMilli(2000, 'DecimalSI').text).toBe('2')
  expect(quantityFromUnits(2048, 'BinarySI').text).toBe('2Ki')
  expect(quantityFromUnits(1000, 'DecimalExponent').text).toBe('1e3')
  expect(milliValue('0.1m')).toBe(1n)
  expect(milliValue('2Ki')).toBe(2_048_000n)
  expect(isZero('0Ki')).toBe(true)
  expect(isZero('1n')).toBe(false)
  expect(negatedQuantity('2Gi').text).toBe('-2Gi')
  expect(roundedUpToMilli('1u')).toBe('1m')
})

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 25 })
const suffixes = [
  '',
  'n',
  'u',
  'm',
  'k',
  'M',
  'G',
  'T',
  'P',
  'E',
  'Ki',
  'Mi',
  'Gi',
  'Ti',
  'Pi',
  'Ei',
]
const texts = fc
  .tuple(
    fc.constantFrom('', '+', '-'),
    digits,
    fc.option(digits, { nil: undefined }),
    fc.oneof(
      fc.constantFrom(...suffixes),
      fc.integer({ min: -30, max: 30 }).map((power) => `e${power}`),
    ),
  )
  .map(([sign, whole, fraction, suffix]) =>
    fraction === undefined ? `${sign}${whole}${suffix}` : `${sign}${whole}.${fraction}${suffix}`,
  )
const formats = fc.constantFrom<QuantityFormat>('DecimalSI', 'BinarySI', 'DecimalExponent')
const holds = fuzz(300)

describe('laws', () => {
  test('the canonical text means the same and is its own canonical text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const stored = canonicalQuantity(text)
        expect(canonicalQuantity(stored)).toBe(stored)
        expect(compareQuantities(stored, text)).toBe(0)
      }),
      holds,
    )
  })

  test('comparison is an order that agrees with subtraction', () => {
    fc.assert(
      fc.property(texts, texts, texts, (a, b, c) => {
        expect(compareQuantities(a, b)).toBe(-compareQuantities(b, a) + 0)
        expect(quantitySign(subtractQuantities(a, b))).toBe(compareQuantities(a, b))
        if (compareQuantities(a, b) <= 0 && compareQuantities(b, c) <= 0) {
          expect(compareQuantities(a, c)).toBeLessThanOrEqual(0)
        }
      }),
      holds,
    )
  })

  test('addition commutes, associates and undoes subtraction', () => {
    fc.assert(
      fc.property(texts, texts, texts, (a, b, c) => {
        const sum = addQuantities(a, b)
        expect(compareQuantities(sum, addQuantities(b, a))).toBe(0)
        const left = addQuantities(sum, c)
        expect(compareQuantities(left, addQuantities(a, addQuantities(b, c)))).toBe(0)
        expect(compareQuantities(subtractQuantities(sum, b), a)).toBe(0)
      }),
      holds,
    )
  })

  test('whole and thousandth values bound the quantity from outside', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), formats, (units, format) => {
        expect(quantityValue(quantityFromUnits(units, format).text)).toBe(units)
        expect(milliValue(quantityFromMilli(units, format))).toBe(units)
      }),
      holds,
    )
  })

  test('any text is a quantity or a QuantityError', () => {
    const near = fc.string({ unit: fc.constantFrom(...'0123456789.+-eEinumkKMGTP'), maxLength: 12 })
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (text) => {
        expect(outcomeOf(() => canonicalQuantity(text))).toBeTypeOf('string')
      }),
      holds,
    )
  })
})
