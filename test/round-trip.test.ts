/** Upstream's own samples of every kind: JSON, YAML and protobuf are one object, both ways. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { decode } from '#api/decode.ts'
import { parseJson } from '#api/json.ts'
import { type Kind, listSchema } from '#api/kind.ts'
import { decodeMessage } from '#api/protobuf/decode.ts'
import { decodeEnvelope, decodeProtobuf, encodeProtobuf } from '#api/protobuf/envelope.ts'
import { kindOf } from '#api/registry.ts'

const folder = new URL('fixtures/api/v1.36.0/', import.meta.url)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length))

const read = (name: string, extension: string) =>
  readFileSync(new URL(`${name}.${extension}`, folder))

interface Named {
  readonly apiVersion: string
  readonly kind: string
}

/** A watch event does not name its own kind; all other samples do. */
const unnamed: Named = { apiVersion: '', kind: '' }

function sampleOf(name: string): { kind: Kind<Named>; sample: Named } {
  const sample = parseJson(read(name, 'json')) as Named
  const [, kindName = ''] = /([^.]+)$/.exec(name) ?? []
  const kind = kindOf(sample.apiVersion ?? 'v1', kindName)
  if (!kind) throw new Error(`no such kind: ${sample.apiVersion} ${kindName}`)
  return { kind: kind as Kind<Named>, sample }
}

test('there is a sample of every kind that upstream samples', () => {
  expect(names).toHaveLength(93)
})

describe.for(names)('%s', (name) => {
  const { kind, sample } = sampleOf(name)
  const object = decode(kind.schema, sample)
  const named = { ...unnamed, ...object }

  test('JSON comes back as it went in, keys in the same order', () => {
    expect(JSON.stringify(object)).toBe(JSON.stringify(sample))
  })

  test('YAML is the same object', () => {
    expect(decode(kind.schema, parseYaml(read(name, 'yaml').toString()))).toEqual(object)
  })

  test('protobuf is the same object', () => {
    const envelope = decodeProtobuf(read(name, 'pb'))
    expect(envelope).toMatchObject({ apiVersion: named.apiVersion, kind: named.kind })
    expect(JSON.stringify(decodeMessage(kind.schema, envelope.raw))).toBe(
      JSON.stringify(withoutType(object)),
    )
  })

  test('protobuf comes back byte for byte', () => {
    expect(hex(encodeProtobuf(kind.schema, named))).toBe(hex(read(name, 'pb')))
  })

  // A watch event is no object that a list could hold.
  if (name !== 'core.v1.WatchEvent')
    test('a list of them goes through protobuf and back', () => {
      const schema = listSchema(kind)
      const list = decode(schema, {
        kind: `${sample.kind}List`,
        apiVersion: sample.apiVersion,
        metadata: { resourceVersion: '42', remainingItemCount: 7 },
        items: [withoutType(object), {}],
      })
      const bytes = encodeProtobuf(schema, list)
      const again = decodeEnvelope(schema, decodeProtobuf(bytes))
      expect(JSON.stringify(again)).toBe(JSON.stringify(list))
      expect(hex(encodeProtobuf(schema, again))).toBe(hex(bytes))
    })
})

function withoutType({ apiVersion: _, kind: __, ...rest }: Named): object {
  return rest
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
