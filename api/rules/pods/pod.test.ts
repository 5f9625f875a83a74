/** Whatever a client writes, as long as it can be read, can also be judged. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { problemsOfChange, problemsOfNew } from '../../check.ts'
import { decode } from '../../decode.ts'
import { applyDefaults } from '../../defaults.ts'
import { Pod } from '../../kinds/core/pod.ts'
import { Problems } from '../../problems.ts'
import { jsonFields, resolved, type Schema } from '../../schema.ts'
import { podColumns } from './columns.ts'
import { prepareNewPod } from './create.ts'
import { validateResize, withResizedContainers } from './resize.ts'
import { validatePodStatusUpdate } from './status.ts'
import { warningsForPod } from './warnings.ts'

const words = [
  '',
  'a',
  'A b',
  '/x/../y',
  'Always',
  'Never',
  'None',
  'Exists',
  'In',
  'Localhost',
  'windows',
  'constructor',
  '80',
]
const names = fc.constantFrom(
  'a',
  'cpu',
  'memory',
  'hugepages-2Mi',
  'example.com/gpu',
  '__proto__',
  'constructor',
)
const scalars: Record<string, fc.Arbitrary<unknown>> = {
  string: fc.constantFrom(...words),
  boolean: fc.boolean(),
  int32: fc.constantFrom(-1, 0, 1, 80, 70_000),
  int64: fc.constantFrom(-1, 0, 1, 30),
  quantity: fc.constantFrom('0', '1', '-1', '1500m', '3Mi'),
  time: fc.constant('2026-01-01T00:00:00Z'),
  intOrString: fc.constantFrom(0, 80, '', 'web'),
}

/** Values of a schema; each field is there with the same chance, so that depth ends by itself. */
function arbitraryOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const target = resolved(schema)
  if (target.type === 'list') {
    return fc.array(arbitraryOf(target.item, depth), { maxLength: 2 })
  }
  if (target.type === 'map')
    return fc.dictionary(names, arbitraryOf(target.value, depth), { maxKeys: 2 })
  if (target.type !== 'struct') return scalars[target.type] ?? fc.constant({})
  if (!depth) return fc.constant({})
  const fields = jsonFields(target).filter(([name]) => name !== 'managedFields')
  return fc
    .subarray([...fields], { maxLength: Math.min(6, fields.length) })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(
          chosen.map(([name, each]) => [name, arbitraryOf(each.schema, depth - 1)]),
        ),
      ),
    )
}

const specSchema = jsonFields(Pod.schema).find(([name]) => name === 'spec')![1].schema
const statusSchema = jsonFields(Pod.schema).find(([name]) => name === 'status')![1].schema
const containers = jsonFields(resolved(specSchema) as never).find(
  ([name]) => name === 'containers',
)![1].schema
const spec = fc
  .tuple(arbitraryOf(specSchema, 5), arbitraryOf(containers, 5))
  .map(([rest, list]) => ({ ...(rest as object), containers: list }))
const annotations = fc.dictionary(
  fc.constantFrom('a', 'kubernetes.io/config.mirror', 'controller.kubernetes.io/pod-deletion-cost'),
  fc.constantFrom('', '5', 'x'),
)
const pods = fc.record({
  metadata: fc.record({ name: fc.constant('p'), namespace: fc.constant('n'), annotations }),
  spec,
  status: arbitraryOf(statusSchema, 5),
})

const stored = (posted: object) => applyDefaults(Pod.schema, decode(Pod.schema, posted))

test('any pod is defaulted once and for all, judged, described and prepared', () => {
  const property = fc.property(pods, (posted) => {
    const pod = stored(posted)
    expect(applyDefaults(Pod.schema, structuredClone(pod))).toEqual(pod)
    expect(Array.isArray(problemsOfNew(Pod as never, pod))).toBe(true)
    for (const { cell } of podColumns) expect(['string', 'number']).toContain(typeof cell(pod, 0))
    warningsForPod(pod, undefined)
    prepareNewPod(pod)
    expect(pod.status.phase).toBe('Pending')
  })
  fc.assert(property, fuzz(300))
})

test('any change of a pod is judged, and none is no problem of its own', () => {
  const property = fc.property(pods, pods, (before, after) => {
    const [previous, next] = [stored(before), stored(after)]
    problemsOfChange(Pod as never, next, previous)
    validatePodStatusUpdate(next, previous, new Problems())
    validateResize(
      { ...next, spec: withResizedContainers(next.spec, previous.spec) },
      previous,
      new Problems(),
    )
    const metadata = { ...previous.metadata, uid: 'u', resourceVersion: '1' }
    const same = {
      ...previous,
      metadata: { ...metadata, creationTimestamp: '2026-01-01T00:00:00Z' },
    }
    const problems = problemsOfChange(Pod as never, structuredClone(same), same)
    expect(problems.filter(({ message }) => message.includes('pod updates may not'))).toEqual([])
  })
  fc.assert(property, fuzz(200))
})
