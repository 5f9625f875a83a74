/** Label selectors: both forms, upstream's messages, and their agreement with each other. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import {
  everything,
  formatLabels,
  formatSelector,
  LabelSelectorError,
  type LabelSelectorObject,
  matchesLabels,
  nothing,
  parseLabelSelector,
  requiredLabel,
  selectorFromLabels,
  selectorFromObject,
  selectorOf,
  validateLabelSelector,
  validateLabels,
} from './label-selector.ts'
import { Path, Problems } from './problems.ts'

test.for<[text: string, formatted: string]>([
  ['', ''],
  ['   ', ''],
  ['a', 'a'],
  ['!a', '!a'],
  ['! a', '!a'],
  ['a=b', 'a=b'],
  ['a==b', 'a==b'],
  ['a = b , c != d', 'a=b,c!=d'],
  ['c,a,b', 'a,b,c'],
  ['x in (b,a,b)', 'x in (a,b)'],
  ['x notin ( a )', 'x notin (a)'],
  ['x in ()', 'x in ()'],
  ['x in (,)', 'x in ()'],
  ['x in (a,,b)', 'x in (,a,b)'],
  ['x in (a,)', 'x in (,a)'],
  ['in in (in,notin)', 'in in (in,notin)'],
  ['a=', 'a='],
  ['a=,b', 'a=,b'],
  ['a>1,b<2', 'a>1,b<2'],
  ['example.com/a=b', 'example.com/a=b'],
  ['a\0b=c,d', ''],
])('%j reads as %j', ([text, formatted]) => {
  if (text.includes('\0')) expect(() => parseLabelSelector(text)).toThrow(LabelSelectorError)
  else {
    expect(formatSelector(parseLabelSelector(text))).toBe(formatted)
    expect(formatSelector(parseLabelSelector(formatted))).toBe(formatted)
  }
})

const valueHint =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const keyHint =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

test.for<[text: string, message: string]>([
  ['t=>1', "unable to parse requirement: found '>', expected: identifier"],
  ['t=-x', `unable to parse requirement: values[0][t]: Invalid value: "-x": ${valueHint}`],
  ['-t=1', `unable to parse requirement: <nil>: Invalid value: "-t": ${keyHint}`],
  ['n in (a', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['=a', "found '=', expected: !, identifier, or 'end of string'"],
  [
    't>abc',
    `unable to parse requirement: values[0]: Invalid value: "abc": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['t=a b', "found 'b', expected: ',' or 'end of string'"],
  ['a,', "found '', expected: identifier after ','"],
  ['a,,b', "found ',', expected: identifier after ','"],
  ['!', "unable to parse requirement: found '', expected: identifier"],
  ['!!a', "unable to parse requirement: found '!', expected: identifier"],
  ['!a=b', "found '=', expected: ',' or 'end of string'"],
  ['a===b', "unable to parse requirement: found '=', expected: identifier"],
  ['x in a', "unable to parse requirement: found 'a' expected: '('"],
  ['x in (=', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
  ['x in (a b)', "unable to parse requirement: found 'b', expected: ',' or ')'"],
  ['x in (,=)', "unable to parse requirement: found '=', expected: ',', or identifier"],
  ['a!b', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
  ['99999999999999999999>1', ''],
  [
    'a>99999999999999999999',
    `unable to parse requirement: values[0]: Invalid value: "99999999999999999999": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
])('%j: %s', ([text, message]) => {
  if (message === '') expect(parseLabelSelector(text).requirements).toHaveLength(1)
  else expect(() => parseLabelSelector(text)).toThrow(new LabelSelectorError(message))
})

describe('matching', () => {
  const labels = { app: 'web', tier: '', version: '12', empty: '' }

  test.for<[text: string, matches: boolean]>([
    ['', true],
    ['app=web', true],
    ['app==web,tier=', true],
    ['app!=web', false],
    ['missing!=x', true],
    ['missing=', false],
    ['app in (a,web)', true],
    ['app notin (a,web)', false],
    ['missing notin (a)', true],
    ['missing in (a)', false],
    ['app', true],
    ['!app', false],
    ['!missing,tier', true],
    ['version>11,version<13', true],
    ['version>12', false],
    ['app>1', false],
    ['missing<1', false],
    ['constructor', false],
    ['toString', false],
    ['hasOwnProperty!=x,!valueOf', true],
  ])('%j: %s', ([text, matches]) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(matches)
  })

  test('without labels only negations match', () => {
    for (const none of [undefined, null, {}]) {
      expect(matchesLabels(parseLabelSelector('!a,b!=c,d notin (e)'), none)).toBe(true)
      expect(matchesLabels(parseLabelSelector('a'), none)).toBe(false)
      expect(matchesLabels(everything, none)).toBe(true)
    }
  })
})

describe('the object form', () => {
  test('none selects nothing, an empty one everything', () => {
    for (const none of [null, undefined]) {
      expect(selectorFromObject(none)).toBe(nothing)
      expect(nothing.matches({})).toBe(false)
      expect(nothing.selectsNothing).toBe(true)
    }
    for (const empty of [{}, { matchLabels: {}, matchExpressions: [] }, { matchLabels: null }]) {
      expect(selectorFromObject(empty)).toBe(everything)
    }
  })

  test('reads as the text form does', () => {
    const selector = selectorFromObject({
      matchLabels: { tier: 'db', app: 'web' },
      matchExpressions: [
        { key: 'x', operator: 'NotIn', values: ['b', 'a'] },
        { key: 'e', operator: 'Exists' },
        { key: 'd', operator: 'DoesNotExist', values: [] },
        { key: 'i', operator: 'In', values: ['v'] },
      ],
    })
    expect(formatSelector(selector)).toBe('app=web,!d,e,i in (v),tier=db,x notin (a,b)')
    expect(requiredLabel(selector, 'app')).toBe('web')
    expect(requiredLabel(selector, 'i')).toBe('v')
    expect(requiredLabel(selector, 'x')).toBeUndefined()
    expect(requiredLabel(selector, 'e')).toBeUndefined()
  })

  test.for<[object: LabelSelectorObject, message: string]>([
    [
      { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] },
      '"Gt" is not a valid label selector operator',
    ],
    [
      { matchExpressions: [{ key: 'a', operator: 'In' }] },
      `values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`,
    ],
    [
      { matchExpressions: [{ key: '-', operator: 'Exists', values: ['v'] }] },
      `[key: Invalid value: "-": ${keyHint}, values: Invalid value: ["v"]: values set must be empty for exists and does not exist]`,
    ],
  ])('%j: %s', ([object, message]) => {
    expect(() => selectorFromObject(object)).toThrow(new LabelSelectorError(message))
  })

  test('plain labels make the shortest selector', () => {
    expect(selectorFromLabels(null)).toBe(everything)
    expect(formatLabels({ b: '2', a: '1' })).toBe('a=1,b=2')
  })
})

const problemsOf = (run: (at: Path, problems: Problems) => void): string[] => {
  const problems = new Problems()
  run(Path.root.child('spec').child('selector'), problems)
  return problems.list.map(({ field, message }) => `${field}: ${message}`)
}

describe('validation', () => {
  test('names every problem at its place', () => {
    const selector = {
      matchLabels: { 'a b': 'c', d: '-' },
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: '-', operator: 'Exists', values: ['x'] },
        { key: 'c', operator: 'Gt', values: ['-'] },
      ],
    }
    const at = 'spec.selector'
    const wanted = [
      `${at}.matchLabels: Invalid value: "a b": ${keyHint}`,
      `${at}.matchLabels: Invalid value: "-": ${valueHint}`,
      `${at}.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      `${at}.matchExpressions[1].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
      `${at}.matchExpressions[1].key: Invalid value: "-": ${keyHint}`,
      `${at}.matchExpressions[2].operator: Invalid value: "Gt": not a valid selector operator`,
      `${at}.matchExpressions[2].values[0]: Invalid value: "-": ${valueHint}`,
    ]
    expect(problemsOf((path, problems) => validateLabelSelector(selector, path, problems))).toEqual(
      wanted,
    )
    const rules = { allowInvalidValues: true }
    expect(
      problemsOf((path, problems) => validateLabelSelector(selector, path, problems, rules)),
    ).toEqual(wanted.slice(0, -1))
  })

  test('has nothing to say about none or good ones', () => {
    expect(problemsOf((path, problems) => validateLabelSelector(null, path, problems))).toEqual([])
    expect(problemsOf((path, problems) => validateLabels({ a: 'b' }, path, problems))).toEqual([])
  })
})

const keys = fc.constantFrom('a', 'b', 'c', 'constructor')
const values = fc.constantFrom('', '1', '2', 'x')
const someLabels = fc.dictionary(keys, values, { noNullPrototype: true })
const objects = fc.record(
  {
    matchLabels: someLabels,
    matchExpressions: fc.array(
      fc.oneof(
        fc.record({
          key: keys,
          operator: fc.constantFrom('In', 'NotIn'),
          values: fc.array(values, { minLength: 1, maxLength: 3 }),
        }),
        fc.record({ key: keys, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
      ),
      { maxLength: 3 },
    ),
  },
  { noNullPrototype: true },
)
const holds = fuzz(500)

describe('laws', () => {
  test('text and object select the same labels', () => {
    fc.assert(
      fc.property(objects, someLabels, (object, labels) => {
        const selector = selectorFromObject(object)
        const reread = parseLabelSelector(formatSelector(selector))
        expect(matchesLabels(reread, labels)).toBe(matchesLabels(selector, labels))
        expect(problemsOf((at, problems) => validateLabelSelector(object, at, problems))).toEqual(
          [],
        )
      }),
      holds,
    )
  })

  test('requirements are joined by and, in any order', () => {
    fc.assert(
      fc.property(objects, someLabels, (object, labels) => {
        const { requirements } = selectorFromObject(object)
        const each = requirements.every((one) => selectorOf([one]).matches(labels))
        expect(selectorOf(requirements.toReversed()).matches(labels)).toBe(each)
      }),
      holds,
    )
  })

  test('labels match the selector made of them', () => {
    fc.assert(
      fc.property(someLabels, (labels) => selectorFromLabels(labels).matches(labels)),
      holds,
    )
  })

  test('any text is a selector or a LabelSelectorError', () => {
    const near = fc
      .array(
        fc.constantFrom('a', 'in', 'notin', '=', '!', '(', ')', ',', '<', '>', ' ', '1', '-', '\0'),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        try {
          const formatted = formatSelector(parseLabelSelector(text))
          expect(formatSelector(parseLabelSelector(formatted))).toBe(formatted)
        } catch (error) {
          expect(error).toBeInstanceOf(LabelSelectorError)
        }
      }),
      fuzz(2000),
    )
  })
})
