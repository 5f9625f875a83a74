/** The JSONPath of printer columns. */
import { describe, expect, test } from 'vitest'
import { findAll, JsonPathError, parseJsonPath } from './json-path.ts'

const pod = {
  metadata: { labels: { 'app.kubernetes.io/name': 'web', plain: 'yes' } },
  spec: {
    containers: [
      { name: 'a', image: 'one', ports: [80, 443] },
      { name: 'b', image: 'two' },
      { name: 'c', image: 'three', restarts: 3 },
    ],
  },
  empty: null,
}

describe('finds', () => {
  test.for<[path: string, found: unknown[]]>([
    ['.spec.containers[0].name', ['a']],
    ['$.spec.containers[0].name', ['a']],
    ['.spec.containers[-1].name', ['c']],
    ['.spec.containers[*].name', ['a', 'b', 'c']],
    ['.spec.containers[:2].name', ['a', 'b']],
    ['.spec.containers[1:].name', ['b', 'c']],
    ['.spec.containers[0:3:2].name', ['a', 'c']],
    ['.spec.containers[1:1].name', []],
    ['.spec.containers[0,2].name', ['a', 'c']],
    ['.metadata.labels.plain', ['yes']],
    ['.metadata.labels.*', ['web', 'yes']],
    ["['metadata']['labels'].plain", ['yes']],
    ["['metadata','nothing'].labels.plain", ['yes']],
    ['.metadata.labels.app\\.kubernetes\\.io/name', ['web']],
    ["['metadata'].labels['app\\.kubernetes\\.io/name']", ['web']],
    ['.spec.containers[?(@.name=="b")].image', ['two']],
    [".spec.containers[?(@.name=='b')].image", ['two']],
    ['.spec.containers[?(@.name!="b")].image', ['one', 'three']],
    ['.spec.containers[?(@.restarts>2)].name', ['c']],
    ['.spec.containers[?(@.restarts<=2)].name', []],
    ['.spec.containers[?(@.ports)].name', ['a']],
    ['.spec.containers[?(@.name==")")].image', []],
    ['..name', ['a', 'b', 'c']],
    ['.spec..ports[0]', [80]],
    ['.spec.missing.deeper', []],
    ['.empty', [null]],
    ['.empty.deeper', []],
    ['.constructor', []],
    ['.', []],
    ['', [pod]],
  ])('%s', ([path, found]) => {
    expect(findAll(parseJsonPath(path), pod)).toEqual(found)
  })
})

describe('refuses to read', () => {
  test.for([
    ['.spec[', 'unterminated array'],
    ['.spec[]', 'invalid array index'],
    ['.spec[a]', 'invalid array index a'],
    ['.spec[-]', 'invalid array index -'],
    ['.spec[?(@.a==1', 'unterminated filter'],
    ['.spec[?(@.a=~"b")]', 'unrecognized filter operator =~'],
    ['....a', 'invalid multiple recursive descent'],
    ['{.a}', 'unexpected'],
    ['range .a', 'unexpected'],
    ['.a}{.b', 'unexpected'],
    ['"a', 'unterminated quoted string'],
  ])('%s', ([path = '', message = '']) => {
    expect(() => parseJsonPath(path)).toThrow(JsonPathError)
    expect(() => parseJsonPath(path)).toThrow(message)
  })
})

describe('fails to follow', () => {
  test.for([
    ['.spec[0]', 'is not array or slice'],
    ['.spec.containers[3]', 'array index out of bounds: index 3, length 3'],
    ['.spec.containers[2:1]', 'starting index 2 is greater than ending index 1'],
    ['.spec.containers[?(@.name>1)]', 'incompatible types'],
  ])('%s', ([path = '', message = '']) => {
    expect(() => findAll(parseJsonPath(path), pod)).toThrow(message)
  })

  test('a path that multiplies', () => {
    const wide = Array.from({ length: 400 }, () => Array.from({ length: 400 }, () => 1))
    expect(() => findAll(parseJsonPath('[*,*,*][*,*,*]..[*]'), wide)).toThrow('touches more than')
  })
})
