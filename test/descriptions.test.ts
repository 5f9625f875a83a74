/** Everything that is published says what it is. */
import { expect, test } from 'vitest'
import { DefinitionCollector, type OpenApiSchema } from '#api/openapi/definitions.ts'
import { kinds } from '#api/registry.ts'

test('every type and field is described in a sentence', () => {
  const collector = new DefinitionCollector()
  for (const kind of kinds) collector.addResource(kind)
  const wanting = Object.entries(collector.collect()).flatMap(
    ([name, { description, properties }]) => [
      ...(isSentence(description) ? [] : [name]),
      ...Object.entries((properties ?? {}) as Record<string, OpenApiSchema>).flatMap(
        ([field, each]) => (isSentence(each.description) ? [] : [`${name}.${field}`]),
      ),
    ],
  )
  expect(wanting).toEqual([])
})

const isSentence = (text: unknown): boolean => typeof text === 'string' && /\S[.!?]$/.test(text)
