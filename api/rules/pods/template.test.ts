/** What a template may say that a pod may not, and the other way round. */
import { expect, test } from 'vitest'
import { decode } from '../../decode.ts'
import { applyDefaults } from '../../defaults.ts'
import { PodTemplate } from '../../kinds/core/pod-template.ts'
import { plainContainer, podMeta, problemsOf } from './judged-pod.ts'

function problemsOfTemplate(metadata: object, spec: object): string[] {
  const posted = { metadata: podMeta, template: { metadata, spec } }
  const stored = applyDefaults(PodTemplate.schema, decode(PodTemplate.schema, posted))
  return problemsOf(stored, PodTemplate as never)
}

const spec = { containers: [plainContainer] }

test.for([
  { name: 'plain', metadata: { labels: { a: 'b' } }, spec, expected: [] },
  {
    name: 'no containers',
    metadata: {},
    spec: {},
    expected: ['template.spec.containers: Required value'],
  },
  {
    name: 'labels and annotations',
    metadata: { labels: { a: '-' }, annotations: { 'a b': '' } },
    spec,
    expected: [
      expect.stringMatching(/^template\.labels: Invalid value: "-": /),
      expect.stringMatching(/^template\.annotations: Invalid value: "a b": /),
    ],
  },
  {
    name: 'what only pods must say',
    metadata: {},
    spec: {
      containers: [{ ...plainContainer, image: ' i', ports: [{ containerPort: 80 }] }],
      hostNetwork: true,
    },
    expected: [],
  },
  {
    name: 'ephemeral containers',
    metadata: {},
    spec: { ...spec, ephemeralContainers: [{ name: 'e', image: 'i' }] },
    expected: [
      'template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template',
    ],
  },
])('a template: $name', ({ metadata, spec: given, expected }) => {
  expect(problemsOfTemplate(metadata, given)).toEqual(expected)
})
