/** Any schema that a definition may have, on any object: nothing throws, twice is as once. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { customSchema } from '../custom-schema.ts'
import { decode } from '../decode.ts'
import { DecodeError } from '../decode-error.ts'
import { applyDefaults } from '../defaults.ts'
import { DefinitionCollector } from '../openapi/definitions.ts'
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import { Path, Problems } from '../problems.ts'
import { validateDefinitionSchema } from '../rules/definition-schema.ts'
import { validate } from '../validate.ts'

const names = fc.constantFrom('a', 'b', 'kind', '__proto__', 'constructor', 'metadata')
const bound = fc.integer({ min: 0, max: 3 })
const json = fc.jsonValue({ maxDepth: 3 })

/** A dictionary by plain assignment would lose `__proto__`, which definitions may well contain. */
const named = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc
    .array(fc.tuple(names, value), { maxLength: 3 })
    .map((entries) => JSON.parse(JSON.stringify(Object.fromEntries(entries))))

const restriction: fc.Arbitrary<JSONSchemaProps> = fc.record(
  {
    minimum: bound,
    maxLength: bound,
    pattern: fc.constantFrom('^a', '[0-9]+$', '(a|b)*c'),
    maxItems: bound,
    minProperties: bound,
    enum: fc.array(json, { minLength: 1, maxLength: 3 }),
    required: fc.array(names, { maxLength: 2 }),
  },
  { requiredKeys: [] },
)

const { schema } = fc.letrec<{ schema: JSONSchemaProps }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar(),
    fc.record(
      { type: fc.constant('array'), items: tie('schema'), maxItems: bound, default: json },
      { requiredKeys: ['type', 'items'] },
    ),
    fc.record(
      {
        type: fc.constant('object'),
        properties: named(tie('schema')),
        nullable: fc.boolean(),
        required: fc.array(names, { maxLength: 2 }),
        'x-kubernetes-preserve-unknown-fields': fc.constant(true),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
  ),
}))

function scalar(): fc.Arbitrary<JSONSchemaProps> {
  const type = fc.constantFrom('string', 'integer', 'number', 'boolean')
  const base = fc.record(
    {
      type,
      nullable: fc.boolean(),
      default: json,
      anyOf: fc.array(restriction, { maxLength: 2 }),
      not: restriction,
    },
    { requiredKeys: ['type'] },
  )
  return fc.tuple(base, restriction).map(([one, other]) => ({ ...other, ...one }))
}

const root = named(schema).map((properties): JSONSchemaProps => ({ type: 'object', properties }))

function isAllowed(source: JSONSchemaProps): boolean {
  const problems = new Problems()
  validateDefinitionSchema(source, false, Path.root, problems)
  return problems.list.length === 0
}

/** The stored form, or undefined for metadata that cannot be read. */
function stored(source: JSONSchemaProps, value: unknown): unknown {
  const own = customSchema(source, 'com.example.v1.Thing')
  try {
    return applyDefaults(own, decode(own, structuredClone(value)))
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

test('any allowed schema on any object', () => {
  let allowed = 0
  const property = fc.property(root, named(json), (source, value) => {
    if (!isAllowed(source)) return
    allowed++
    const once = stored(source, value)
    if (once === undefined) return
    expect(stored(source, once)).toEqual(once)
    const problems = new Problems()
    const own = customSchema(source, 'com.example.v1.Thing')
    validate(own, once as object, problems)
    for (const { message } of problems.list) expect(message).not.toBe('')
    const collector = new DefinitionCollector()
    collector.addSchema(own)
    expect(JSON.stringify(collector.collect())).toContain('com.example.v1.Thing')
  })
  fc.assert(property, fuzz(1500))
  expect(allowed).toBeGreaterThan(200)
})
