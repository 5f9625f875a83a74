/** YAML: 1.1 scalars in JSON's types, duplicates, aliases, and input meant to harm. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { fuzz } from '#test/fuzz.ts'
import { parseYaml, YamlError } from './yaml.ts'

const read = (text: string): unknown => parseYaml(text).value

test.for<[text: string, value: unknown]>([
  ['', null],
  ['# nothing', null],
  ['~', null],
  ['null', null],
  ['nUll', 'nUll'],
  ['yes', true],
  ['On', true],
  ['y', true],
  ['no', false],
  ['OFF', false],
  ['n', false],
  ['yES', 'yES'],
  ['"yes"', 'yes'],
  ["'no'", 'no'],
  ['|\n  yes\n', 'yes\n'],
  ['>-\n  a\n  b\n', 'a b'],
  ['!!str yes', 'yes'],
  ['!local yes', 'yes'],
  ['!!bool "yes"', true],
  ['1', 1],
  ['-1', -1],
  ['+1', 1],
  ['0777', 511],
  ['0o17', 15],
  ['0x1F', 31],
  ['-0b101', -5],
  ['08', 8],
  ['1_000', 1000],
  ['1e3', 1000],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['1.', 1],
  ['9007199254740993', 9007199254740992],
  ['1e999', '1e999'],
  ['1:30', '1:30'],
  ['1.2.3', '1.2.3'],
  ['-', [null]],
  ['2001-01-01', '2001-01-01'],
  ['2001-01-01T00:00:00Z', '2001-01-01T00:00:00Z'],
  ['!!float 1', 1],
  ['!!binary aGVsbG8=', 'hello'],
  ['"\\ud800"', '\ufffd'],
  ['{1: a, true: b, 1.5: c, x: }', { 1: 'a', true: 'b', 1.5: 'c', x: null }],
  ['a: &x {b: [1]}\nc: *x', { a: { b: [1] }, c: { b: [1] } }],
  ['a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}', { a: { b: 1, c: 2 }, d: { b: 1, c: 3 } }],
  ['d: {<<: [{a: 1}, {a: 2, b: 2}]}', { d: { a: 1, b: 2 } }],
  ['"<<": 1', { '<<': 1 }],
  ['a: 1\n---\nb: 2\n', { a: 1 }],
  ['{"a": 1, b: 2}', { a: 1, b: 2 }],
])('%j is %j', ([text, value]) => {
  expect(read(text)).toEqual(value)
})

test.for([
  ['apiVersion: v1\nkind: [ConfigMap\n', "yaml: line 2: did not find expected ',' or ']'"],
  ['a: [', 'yaml: line 1: did not find expected node content'],
  ['a: {b: 1', "yaml: line 1: did not find expected ',' or '}'"],
  ['a: {b:', 'yaml: line 1: did not find expected node content'],
  ['a: *x', "yaml: unknown anchor 'x' referenced"],
  ['a: &x [*x]', "yaml: anchor 'x' value contains itself"],
  ['.nan', 'json: unsupported value: NaN'],
  ['-.inf', 'json: unsupported value: -Inf'],
  ['!!int x', 'yaml: cannot decode !!str `x` as a !!int'],
  ['!!int 1.5', 'yaml: cannot decode !!float `1.5` as a !!int'],
  ['!!bool ~', 'yaml: cannot decode !!null `~` as a !!bool'],
  ['!!null yes', 'yaml: cannot decode !!bool `yes` as a !!null'],
  ['!!float yes', 'yaml: cannot decode !!bool `yes` as a !!float'],
  ['!!binary "*"', 'yaml: !!binary value contains invalid base64 data'],
  ['~: 1', 'yaml: unsupported map key of type: null'],
  ['? [a]\n: b', 'yaml: unsupported map key of type: sequence'],
  ['? {a: b}\n: b', 'yaml: unsupported map key of type: map'],
  ['<<: 1', 'yaml: map merge requires map or sequence of maps as the value'],
])('%j: %s', ([text, message]) => {
  expect(() => parseYaml(text as string)).toThrow(new YamlError(message as string))
})

test('syntax errors carry their line', () => {
  expect(() => parseYaml('a: 1\nb: c: d')).toThrow(/^yaml: line 2: /)
})

describe('duplicate keys', () => {
  test.for<[text: string, duplicates: string[]]>([
    ['a: 1\nb:\n  c: 1\n  d: 1\n  c: 2\n', ['line 5: key "c" already set in map']],
    ['{"a":1,"a":2}', ['line 1: key "a" already set in map']],
    ['1: a\n"1": b\n', ['line 2: key "1" already set in map']],
    ['a:\na:\n', ['line 2: key "a" already set in map']],
    ['x: &x {a: 1, a: 2}\ny: *x\n', ['line 1: key "a" already set in map']],
    ['a: &x {b: 1}\nc: {<<: *x, b: 2}', []],
    ['- a: 1\n- a: 1\n', []],
  ])('%j', ([text, duplicates]) => {
    expect(parseYaml(text).duplicates).toEqual(duplicates)
  })

  test('the last one counts', () => {
    expect(read('a: 1\na: 2\n')).toEqual({ a: 2 })
  })
})

describe('hostile input', () => {
  test('copies of an alias are independent', () => {
    const { a, c } = read('a: &x {b: 1}\nc: *x') as Record<string, object>
    expect(c).not.toBe(a)
  })

  test('aliases of aliases are bounded', () => {
    const letters = [...'abcdefghi']
    const bomb = letters
      .map((letter, at) => {
        const item = at === 0 ? '"x"' : `*${letters[at - 1]}`
        return `${letter}: &${letter} [${Array.from({ length: 9 }, () => item).join(',')}]`
      })
      .join('\n')
    expect(() => parseYaml(bomb)).toThrow(
      new YamlError('yaml: document contains excessive aliasing'),
    )
  })

  test('depth and size are bounded', () => {
    const deep = new YamlError('yaml: exceeded max depth')
    expect(() => parseYaml(`${'['.repeat(1500)}${']'.repeat(1500)}`)).toThrow(deep)
    expect(() => parseYaml('- '.repeat(20_000))).toThrow(deep)
    expect(() => parseYaml('{a: '.repeat(5000))).toThrow(YamlError)
    expect(() => parseYaml('- a\n'.repeat(200_000))).toThrow(
      new YamlError('yaml: more than 300000 tokens'),
    )
    expect(read(`a: ${'x'.repeat(1_000_000)}`)).toEqual({ a: 'x'.repeat(1_000_000) })
    expect(read('9'.repeat(100_000))).toBe('9'.repeat(100_000))
  })

  test('__proto__ is a key like any other', () => {
    for (const text of ['__proto__: {admin: true}', '{"__proto__": {"admin": true}}']) {
      const value = read(text) as { admin?: boolean }
      expect(Object.keys(value)).toEqual(['__proto__'])
      expect(value.admin).toBeUndefined()
    }
  })

  test('any text is a value or a YamlError', () => {
    const near = fc
      .array(
        fc.constantFrom(
          'a',
          ': ',
          '- ',
          '\n',
          '  ',
          '&x ',
          '*x',
          '[',
          ']',
          '{',
          '}',
          ',',
          '"',
          "'",
          '|',
          '>',
          '!',
          '!!int ',
          '? ',
          '%',
          '#',
          '---\n',
          '\t',
          '<<',
          '1',
        ),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        try {
          expect(JSON.stringify(read(text))).toBeTypeOf('string')
        } catch (error) {
          if (!(error instanceof YamlError)) throw error
        }
      }),
      fuzz(1500),
    )
  })
})

test('JSON is YAML, and what a YAML 1.1 writer wrote comes back', () => {
  const values = fc.jsonValue()
  fc.assert(
    fc.property(values, (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value))
      expect(read(JSON.stringify(value))).toEqual(plain)
      const written = stringify(plain, { version: '1.1', defaultStringType: 'QUOTE_DOUBLE' })
      expect(read(written)).toEqual(plain)
    }),
    fuzz(300),
  )
})
