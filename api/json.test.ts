/** JSON: agreement with the platform, Go's messages, duplicate keys, and input meant to harm. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { duplicateKeys, JsonError, MAX_DEPTH, parseJson } from './json.ts'

const holds = fuzz(500)

test.for([
  ['', 'unexpected end of JSON input'],
  ['   ', 'unexpected end of JSON input'],
  ['{"a":', 'unexpected end of JSON input'],
  ['"abc', 'unexpected end of JSON input'],
  ['-', 'unexpected end of JSON input'],
  ['hello world', "invalid character 'h' looking for beginning of value"],
  ['\u{feff}{}', "invalid character 'ï' looking for beginning of value"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
  ['[1 2]', "invalid character '2' after array element"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['[01]', "invalid character '1' after array element"],
  ['"\n"', "invalid character '\\n' in string literal"],
  ['"\u0001"', "invalid character '\\x01' in string literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
  ['-a', "invalid character 'a' in numeric literal"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ['1e+x', "invalid character 'x' in exponent of numeric literal"],
  ['tru3', "invalid character '3' in literal true (expecting 'e')"],
  ['nul', 'unexpected end of JSON input'],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ['NaN', "invalid character 'N' looking for beginning of value"],
  ['1e999', 'json: cannot unmarshal number 1e999 into Go value of type float64'],
  [
    `[${'9'.repeat(400)}]`,
    `json: cannot unmarshal number ${'9'.repeat(400)} into Go value of type float64`,
  ],
])('%j: %s', ([text, message]) => {
  expect(() => parseJson(text as string)).toThrow(new JsonError(message as string))
})

test('any JSON value comes back as the platform parses it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      expect(parseJson(text)).toEqual(JSON.parse(text))
      expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text))
      expect(duplicateKeys(text, parseJson(text))).toEqual([])
    }),
    holds,
  )
})

test('a text is refused exactly when the platform refuses it, and always in Go\u2019s words', () => {
  const near = fc.string({
    unit: fc.constantFrom(...'{}[]:,"\\u0019-+.eEtrue \n\u0007'),
    maxLength: 24,
  })
  const cut = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', '\\', '0'))
    .map(([text, at, extra]) => text.slice(0, at % (text.length + 1)) + extra)
  fc.assert(
    fc.property(fc.oneof(near, cut), (text) => {
      const platform = attempt(() => JSON.parse(text))
      const ours = attempt(() => parseJson(text))
      // A number too large for a double is Infinity to the platform, and refused by us as by Go.
      if ('error' in ours && ours.error.message.includes('cannot unmarshal number')) return
      expect('value' in ours).toBe('value' in platform)
      if ('error' in ours) {
        expect(ours.error).toBeInstanceOf(JsonError)
        expect(ours.error.message).toMatch(/^(invalid character '.*' |unexpected end)/s)
      }
    }),
    fuzz(3000),
  )
})

const attempt = <T>(run: () => T): { value: T } | { error: Error } => {
  try {
    return { value: run() }
  } catch (error) {
    if (error instanceof Error) return { error }
    throw error
  }
}

test('any bytes are a value or a JsonError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const outcome = attempt(() => parseJson(bytes))
      if ('error' in outcome) expect(outcome.error).toBeInstanceOf(JsonError)
    }),
    fuzz(3000),
  )
})

describe('strings that UTF-8 cannot carry', () => {
  test('invalid bytes are replaced', () => {
    expect(parseJson(Uint8Array.of(0x22, 0x61, 0xff, 0x62, 0x22))).toBe('a\ufffdb')
  })

  test('half a surrogate pair is replaced in keys and values, a whole pair is kept', () => {
    expect(parseJson('{"\\uD800":["\\udfff","\\ud83d\\ude00"]}')).toEqual({
      '\ufffd': ['\ufffd', '\u{1f600}'],
    })
  })
})

describe('hostile input', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

  test('depth is bounded, wide values are not', () => {
    expect(parseJson(nested(MAX_DEPTH))).toBeInstanceOf(Array)
    expect(() => parseJson(nested(MAX_DEPTH + 1))).toThrow(new JsonError('exceeded max depth'))
    expect(() => parseJson('{"a":'.repeat(1_000_000))).toThrow(JsonError)
    expect(() => parseJson('['.repeat(3_000_000))).toThrow(JsonError)
    expect(parseJson(`[${'[],'.repeat(500_000)}1]`)).toHaveLength(500_001)
  })

  test('megabytes of one string, of backslashes and of digits are read in one pass', () => {
    const long = 'x'.repeat(3_000_000)
    expect(parseJson(`"${long}"`)).toBe(long)
    expect(parseJson(`"${'\\\\'.repeat(1_500_000)}"`)).toHaveLength(1_500_000)
    expect(() => parseJson(`"${'\\'.repeat(2_999_999)}"`)).toThrow(JsonError)
    expect(() => parseJson('9'.repeat(3_000_000))).toThrow(JsonError)
    expect(duplicateKeys(`{"a":"${long}","a":1}`, { a: 1 })).toEqual(['a'])
  })

  test('__proto__ is a key like any other', () => {
    const value = parseJson('{"__proto__":{"admin":true},"constructor":1,"a":"\\ud800"}')
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor', 'a'])
    expect((value as { admin?: boolean }).admin).toBeUndefined()
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })
})

test('a key with escapes is not taken for a key with a backslash', () => {
  expect(parseJson('{"a":1,"\\\\":1}')).toEqual({ a: 1, '\\': 1 })
  for (const [key, text] of [
    ['\n', '\\n'],
    ['b', '\\u0062'],
    ['"', '\\"'],
  ] as const) {
    expect(parseJson(` {"a":1,"${text}":[{"${text}" :{}}],"${text}c":[]}\n`)).toEqual({
      a: 1,
      [key]: [{ [key]: {} }],
      [`${key}c`]: [],
    })
  }
})

describe('duplicate keys', () => {
  test.for<[text: string, paths: string[]]>([
    [
      '{"metadata":{"name":"dk","name":"dk2"},"data":{"a":"1","a":"2"}}',
      ['metadata.name', 'data.a'],
    ],
    ['{"data":{"a":"1"},"data":{"a":"2"}}', ['data']],
    ['{"a":1,"a":2,"a":3}', ['a']],
    ['{"spec":{"containers":[{"name":"a"},{"name":"b","name":"c"}]}}', ['spec.containers[1].name']],
    ['[[{"a":1}],[1,{"a":1,"a":2}]]', ['[1][1].a']],
    ['{"a":1,"\\u0061":2}', ['a']],
    ['{"a":{"b":1},"c":{"b":1}}', []],
    ['{"a":"b:c,{","d":"\\"{\\":"}', []],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
    ['\n { "a" : [ ] , "b" : { } , "a" : null }\n ', ['a']],
  ])('%s', ([text, paths]) => {
    expect(duplicateKeys(text, parseJson(text))).toEqual(paths)
  })

  test('planted duplicates are found wherever they are', () => {
    const key = fc.constantFrom('a', 'b', '__proto__', '"', '\\', 'x:y')
    const tree = fc.letrec<{ node: Planted }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(1, 'a:{', null),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.array(fc.tuple(key, tie('node')), { maxLength: 4 }).map((fields) => ({ fields })),
      ),
    })).node
    fc.assert(
      fc.property(tree, (node) => {
        const text = printed(node)
        const wanted = new Set<string>()
        planted(node, '', wanted)
        expect(new Set(duplicateKeys(text, parseJson(text)))).toEqual(wanted)
      }),
      fuzz(1000),
    )
  })
})

/** A JSON value whose objects may repeat keys. */
type Planted = string | number | null | Planted[] | { fields: [string, Planted][] }

function printed(node: Planted): string {
  if (Array.isArray(node)) return `[${node.map(printed).join(', ')}]`
  if (typeof node !== 'object' || node === null) return JSON.stringify(node)
  return `{${node.fields.map(([key, value]) => `${JSON.stringify(key)}:${printed(value)}`)}}`
}

function planted(node: Planted, path: string, found: Set<string>): void {
  if (Array.isArray(node))
    for (const [at, child] of node.entries()) planted(child, `${path}[${at}]`, found)
  else if (typeof node === 'object' && node !== null) {
    const seen = new Set<string>()
    for (const [key, child] of node.fields) {
      const at = path ? `${path}.${key}` : key
      if (seen.has(key)) found.add(at)
      seen.add(key)
      planted(child, at, found)
    }
  }
}

test('the engine still mistakes escaped keys: docs/adr/0004-json-keys.md can go when this fails', () => {
  // In a process of its own: what was parsed before decides whether the mistake shows.
  const script = `JSON.parse('{"a":1,"\\\\\\\\":1}')
    console.log(JSON.stringify(Object.keys(JSON.parse('{"a":1,"\\\\n":1}'))))`
  const keys = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })
  expect(JSON.parse(keys)).toEqual(['a', '\\'])
})
