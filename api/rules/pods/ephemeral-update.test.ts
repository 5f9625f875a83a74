/** Which changes the subresource for ephemeral containers allows. */
import { expect, test } from 'vitest'
import { validateEphemeralUpdate, withEphemeralContainers } from './ephemeral-update.ts'
import { pod, problemsFrom } from './judged-pod.ts'

const debug = { name: 'debug', image: 'busybox' }
const other = { name: 'other', image: 'busybox' }
const at = 'spec.ephemeralContainers'

test.for([
  { name: 'one more', before: [debug], after: [other, debug], expected: [] },
  {
    name: 'one less',
    before: [debug, other],
    after: [other],
    expected: [`${at}: Forbidden: existing ephemeral containers "debug" may not be removed\n`],
  },
  {
    name: 'another image',
    before: [debug],
    after: [{ ...debug, image: 'alpine' }],
    expected: [
      `${at}: Forbidden: existing ephemeral containers "debug" may not be changed\n  core.EphemeralContainer{\n- \timage: "busybox",\n+ \timage: "alpine",\n  \t... // 5 identical fields\n  }\n`,
    ],
  },
  {
    name: 'a name that is taken',
    before: [],
    after: [{ ...debug, name: 'c' }],
    expected: [`${at}[0].name: Duplicate value: "c"`],
  },
])('$name', ({ before, after, expected }) => {
  const previous = pod({ ephemeralContainers: before })
  const next = pod({ ephemeralContainers: after })
  expect(problemsFrom((problems) => validateEphemeralUpdate(next, previous, problems))).toEqual(
    expected,
  )
})

test('not in static pods', () => {
  const annotations = { 'kubernetes.io/config.mirror': 'x' }
  const previous = pod({ nodeName: 'n' }, { annotations })
  const next = pod({ nodeName: 'n', ephemeralContainers: [debug] }, { annotations })
  expect(problemsFrom((problems) => validateEphemeralUpdate(next, previous, problems))).toEqual([
    ': Forbidden: static pods do not support ephemeral containers',
  ])
})

test('only ephemeral containers are taken from a request', () => {
  const previous = pod({ hostname: 'a', ephemeralContainers: [debug] }).spec
  const next = pod({ hostname: 'b', ephemeralContainers: [debug, other] }).spec
  const merged = withEphemeralContainers(next, previous)
  expect(merged.hostname).toBe('a')
  expect(merged.ephemeralContainers).toEqual(next.ephemeralContainers)
  expect(withEphemeralContainers(pod().spec, previous)).not.toHaveProperty('ephemeralContainers')
})
