/** kubectl with a definition as large as real ones: applied, explained, used, deleted. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServerProcess, startServerProcess } from '#bench/server-process.ts'
import { definition, specOf, version } from '../definitions.ts'
import { hasKubectl, openShell, type Shell } from './kubectl.ts'

const isMissing = process.env.CI !== 'true' && !hasKubectl()
const group = 'shop.example.com'
const SIZE_MIN = 800_000
const LEVELS = 10

/** Objects in objects, as those that describe whole workloads have them. */
function nested(levels: number): object {
  if (levels === 0) return { type: 'string', description: 'The innermost value.', maxLength: 5 }
  const properties = { next: nested(levels - 1), note: { type: 'string', nullable: true } }
  return { type: 'object', description: `Level ${levels} of the settings.`, properties }
}

function largeSchema(): Readonly<Record<string, unknown>> {
  const template = {
    type: 'object',
    description: 'One of very many settings that a real definition copies from a pod. '.repeat(8),
    required: ['name'],
    properties: {
      name: { type: 'string', pattern: '^[a-z]([-a-z0-9]*[a-z0-9])?$' },
      port: {
        'x-kubernetes-int-or-string': true,
        anyOf: [{ type: 'integer' }, { type: 'string' }],
      },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
  }
  const many = Array.from({ length: 1000 }, (_, number) => [`setting${number}`, template])
  const size = { type: 'integer', minimum: 1, default: 1, description: 'How many there are.' }
  return specOf({ deep: nested(LEVELS), size, ...Object.fromEntries(many) })
}

const columns = [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }]
const large = definition(
  group,
  [version('v1', largeSchema(), { additionalPrinterColumns: columns })],
  { shortNames: ['th'], categories: ['all'] },
)
const thing = (name: string, spec: object) => ({
  apiVersion: `${group}/v1`,
  kind: 'Thing',
  metadata: { name },
  spec,
})

describe.skipIf(isMissing)(`definitions${isMissing ? ' (skipped: no kubectl)' : ''}`, () => {
  let server: ServerProcess
  let shell: Shell

  beforeAll(async () => {
    server = await startServerProcess()
    shell = await openShell(server, 'default')
    const files = {
      'definition.json': large,
      'good.json': thing('good', { setting7: { name: 'x', port: 'http' } }),
      'bad.json': thing('bad', { size: 0, setting7: { name: 'X' } }),
      'unknown.json': thing('odd', { colour: 'red' }),
    }
    for (const [name, object] of Object.entries(files)) {
      await writeFile(join(shell.directory, name), JSON.stringify(object))
    }
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('the definition is of a real size', () => {
    expect(JSON.stringify(large).length).toBeGreaterThan(SIZE_MIN)
  })

  test.for<[words: string, output: string | RegExp]>([
    [
      'apply --server-side -f definition.json',
      `customresourcedefinition.apiextensions.k8s.io/things.${group} serverside-applied\n`,
    ],
    [
      `wait --for=condition=Established --timeout=10s crd/things.${group}`,
      `customresourcedefinition.apiextensions.k8s.io/things.${group} condition met\n`,
    ],
    [`api-resources --api-group=${group} -o name`, `things.${group}\n`],
    ['explain things.spec.size', /FIELD: size <integer>[\s\S]*How many there are\./],
    [
      `explain things.spec.deep${'.next'.repeat(LEVELS)}`,
      /FIELD: next <string>[\s\S]*The innermost value\./,
    ],
    ['apply --server-side -f good.json', `thing.${group}/good serverside-applied\n`],
    ['apply -f good.json', /thing\.shop\.example\.com\/good configured\n/],
    ['get th', 'NAME   SIZE\ngood   1\n'],
    ['get all -o name', /thing\.shop\.example\.com\/good/],
    ['get th good -o jsonpath={.spec.setting7.port}', 'http'],
    ['apply -f bad.json', /spec\.size in body should be greater than or equal to 1/],
    ['apply -f bad.json', /spec\.setting7\.name in body should match/],
    ['apply -f unknown.json', /strict decoding error: unknown field "spec\.colour"/],
    [`patch th good --type merge -p '{"spec":{"size":3}}'`, `thing.${group}/good patched\n`],
    ['get th good', 'NAME   SIZE\ngood   3\n'],
    [
      `delete crd things.${group}`,
      new RegExp(`^customresourcedefinition.apiextensions.k8s.io "things.${group}" deleted`),
    ],
    ['get th', /the server could not find the requested resource/],
  ])('kubectl %s', async ([words, output]) => {
    const text = await shell.run(words)
    if (typeof output === 'string') expect(text).toBe(output)
    else expect(text).toMatch(output)
  })
})
