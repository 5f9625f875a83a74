/** Names: upstream's good and bad examples, and its messages to the letter. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import {
  dns1035LabelName,
  dnsLabelName,
  dnsSubdomainName,
  generatedName,
  isCIdentifier,
  isConfigMapKey,
  isDecimalInteger,
  isDns1035Label,
  isDnsLabel,
  isDnsSubdomain,
  isDnsSubdomainCaseless,
  isDnsSubdomainWithUnderscore,
  isEnvVarName,
  isGroupId,
  isHttpHeaderName,
  isInRange,
  isLabelKey,
  isLabelValue,
  isPathSegmentName,
  isPortName,
  isPortNumber,
  isQualifiedName,
  isUserId,
  isWildcardDnsSubdomain,
  pathSegmentName,
  patternMessage,
} from './names.ts'

const a63 = 'a'.repeat(63)
const a253 = 'a'.repeat(253)
const words = (text: string): string[] => text.split(' ')

interface Row {
  rule: (value: string) => string[]
  good: string[]
  bad: string[]
  /** The same rule as one expression, for values that no table names. */
  pattern?: RegExp
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const rules: Row[] = [
  {
    rule: isDnsLabel,
    good: [...words('a ab a1 a-1 a--1--2--b 0 01 1-a'), a63],
    bad: [...words('A aBc A-1 - a- -a _ a_b . a. .a a.b'), '', ' ', 'a ', 'é', `${a63}a`],
    pattern: new RegExp(`^${label}$`),
  },
  {
    rule: isDnsSubdomain,
    good: [...words('a a.a 0.1 1--a--b--2.1 a.b.c.d.e'), a253],
    bad: [...words('A - a- . a. .a a..b a_b A.a a.B a@b a%b'), '', 'a b', `${a253}a`],
    pattern: new RegExp(`^${label}(\\.${label})*$`),
  },
  {
    rule: isDnsSubdomainCaseless,
    good: words('A a.B A--1.b'),
    bad: [...words('- a. a_b'), ''],
    pattern: new RegExp(`^${label}(\\.${label})*$`, 'i'),
  },
  {
    rule: isDnsSubdomainWithUnderscore,
    good: words('_a a_b.c _a._b-c'),
    bad: [...words('__a a_ _ A a..b'), ''],
    pattern: /^_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/,
  },
  {
    rule: isWildcardDnsSubdomain,
    good: words('*.example.com *.a'),
    bad: [...words('*.*.bar.com *bar.com f*.bar.com * *. a.b'), ''],
    pattern: new RegExp(`^\\*\\.${label}(\\.${label})*$`),
  },
  {
    rule: isDns1035Label,
    good: [...words('a a1 a-1 a--1--2--b'), a63],
    bad: [...words('0 1a A a- -a a.b'), '', `${a63}a`],
    pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  },
  {
    rule: isQualifiedName,
    good: [
      ...words('simple 1234 now.with.dots/simple 1.2/5 Upper_Case example.com/Upper'),
      `${a253}/${a63}`,
    ],
    bad: [...words('a%b cut- -cut only/one/slash Ex.com/a e_x/a e.com/ /simple'), '', `${a63}a`],
    pattern: new RegExp(`^(${label}(\\.${label})*/)?${qualified}$`),
  },
  {
    rule: isLabelValue,
    good: ['', ...words('simple 1-starts 1234'), a63],
    bad: [...words('a% rā \\x -a a- .a a.'), `${a63}a`],
    pattern: new RegExp(`^(${qualified})?$`),
  },
  {
    rule: isCIdentifier,
    good: words('a _ A1 my_name'),
    bad: [...words('1a a-b a.b'), ''],
    pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  },
  {
    rule: isConfigMapKey,
    good: words('a good-good still.good .so.is.this THIS_IS so_17 -'),
    bad: [...words('. .. ..bad b*d a/b'), '', 'a'.repeat(254)],
    pattern: /^(?!\.\.)(?!\.$)[-._a-zA-Z0-9]+$/,
  },
  {
    rule: isEnvVarName,
    good: [...words('- : _ +a a.. *a ~a 0a'), '0 a'],
    bad: [...words('= a= 1=a'), '', 'a\t', 'é', '\u007f'],
    pattern: /^[ -<>-~]+$/,
  },
  {
    rule: isHttpHeaderName,
    good: words('Host X-Forwarded-For -a a- a'),
    bad: [...words('Host: X_a .'), ''],
    pattern: /^[-A-Za-z0-9]+$/,
  },
  {
    rule: isPortName,
    good: words('telnet pop3 a 1-a-2-b-3'),
    bad: [...words('longerthan15characters 12345 1-2-3-4 -begin end- two--hyphens whois++ A'), ''],
    pattern: /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  },
  {
    rule: isDecimalInteger,
    good: words('0 1 -1 123456789012345678901234567890'),
    bad: [...words('-0 00 01 +1 1.0 1e3 - a'), ''],
    pattern: /^(0|-?[1-9][0-9]*)$/,
  },
]

describe.for(rules)('$rule.name()', ({ rule, good, bad, pattern }) => {
  test('accepts what upstream accepts', () => {
    expect(good.filter((value) => rule(value).length > 0)).toEqual([])
  })

  test('refuses what upstream refuses', () => {
    expect(bad.filter((value) => rule(value).length === 0)).toEqual([])
  })

  test('agrees with the pattern it prints', () => {
    const near = fc.string({ unit: fc.constantFrom(...'aB1-_./*= %\u00e9'), maxLength: 9 })
    fc.assert(
      fc.property(near, (value) => {
        expect(rule(value).length === 0).toBe(pattern?.test(value))
      }),
      fuzz(1000),
    )
  })

  test('reads megabytes once', () => {
    for (const long of ['a'.repeat(1_000_000), 'a.'.repeat(500_000), `${'a'.repeat(999_999)}!`]) {
      rule(long)
    }
  })
})

const subdomainPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'
const keyHint =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

test.for<[problems: string[], messages: string[]]>([
  [isDnsLabel('a.b'), ['must not contain dots']],
  [isDnsLabel(`${a63}a`), ['must be no more than 63 bytes']],
  [
    isDnsLabel('A'),
    [
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    isDnsSubdomain('A_'),
    [
      `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomainPattern}')`,
    ],
  ],
  [isQualifiedName('a b'), [`name part ${keyHint}`]],
  [isQualifiedName(''), ['name part must be non-empty', `name part ${keyHint}`]],
  [isQualifiedName('/a'), ['prefix part must be non-empty']],
  [
    isLabelKey('a/b/c'),
    [
      `a valid label key ${keyHint} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ],
  ],
  [
    isLabelValue('-x'),
    [
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
  [isConfigMapKey('..'), ["must not be '..'"]],
  [isConfigMapKey('..a'), ["must not start with '..'"]],
  [isEnvVarName(''), ['environment variable name must be non-empty']],
  [
    isPortName('-'),
    ['must contain at least one letter (a-z)', 'must not begin or end with a hyphen'],
  ],
  [isPathSegmentName('..'), ["may not be '..'"]],
  [isPathSegmentName('a%b/c'), ["may not contain '/'", "may not contain '%'"]],
  [isPortNumber(0), ['must be between 1 and 65535, inclusive']],
  [isPortNumber(65_535), []],
  [isUserId(-1), ['must be between 0 and 2147483647, inclusive']],
  [isGroupId(2_147_483_647), []],
  [isInRange(11, 0, 10), ['must be between 0 and 10, inclusive']],
])('%#: says what upstream says', ([problems, messages]) => {
  expect(problems).toEqual(messages)
})

test('lengths are counted in bytes', () => {
  expect(isLabelValue('é'.repeat(32))[0]).toBe('must be no more than 63 bytes')
  expect(isLabelValue('é'.repeat(31))).toHaveLength(1)
})

test('a prefix may end where a suffix will follow', () => {
  expect(dnsSubdomainName('my-', true)).toEqual([])
  expect(dnsLabelName('my-', true)).toEqual([])
  expect(dns1035LabelName('my-', true)).toEqual([])
  expect(dnsLabelName('my-', false)).toHaveLength(1)
  expect(dnsLabelName('-', true)).toHaveLength(1)
  expect(pathSegmentName('..', true)).toEqual([])
  expect(pathSegmentName('..')).toHaveLength(1)
})

test('patternMessage() works without examples', () => {
  expect(patternMessage('no', '[a]')).toBe("no (regex used for validation is '[a]')")
})

test('a generated name stays a label', () => {
  expect(generatedName('web-', 'x7k2q')).toBe('web-x7k2q')
  expect(generatedName('b'.repeat(100), 'x7k2q')).toBe(`${'b'.repeat(58)}x7k2q`)
})
