/** Configuration files: what they change, and what is refused. */
import { expect, test } from 'vitest'
import { parseConfig } from './config.ts'
import { ConfigError } from './config-fields.ts'
import { plugins } from './plugins.ts'

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n'
const all = plugins.map(({ name }) => name)

test('nothing said, everything as usual', () => {
  const { profiles } = parseConfig(HEAD)
  expect(profiles.map(({ schedulerName }) => schedulerName)).toEqual(['default-scheduler'])
  expect(profiles[0]?.plugins).toBe(plugins)
})

test('profiles leave plugins out, weigh them and limit them to one point', () => {
  const { profiles, initialBackoffMs, maxBackoffMs } = parseConfig(`${HEAD}
podInitialBackoffSeconds: 2
podMaxBackoffSeconds: 20
profiles:
- schedulerName: lean
  plugins:
    multiPoint: { disabled: [{ name: ImageLocality }] }
    score: { disabled: [{ name: NodeAffinity }], enabled: [{ name: TaintToleration, weight: 7 }] }
- schedulerName: bare
  plugins: { multiPoint: { disabled: [{ name: '*' }], enabled: [{ name: NodeName }] } }
`)
  const [lean, bare] = profiles
  expect(lean?.plugins.map(({ name }) => name)).toEqual(
    all.filter((each) => each !== 'ImageLocality'),
  )
  const affinity = lean?.plugins.find(({ name }) => name === 'NodeAffinity')
  expect([affinity?.filter !== undefined, affinity?.scorer]).toEqual([true, undefined])
  expect(lean?.plugins.find(({ name }) => name === 'TaintToleration')?.weight).toBe(7)
  expect(bare?.plugins.map(({ name }) => name)).toEqual([
    'SchedulingGates',
    'PrioritySort',
    'NodeName',
    'DefaultBinder',
  ])
  expect([initialBackoffMs, maxBackoffMs]).toEqual([2000, 20_000])
})

test.for([
  ['kind: Pod', 'kind: is "undefined, Pod", wanted'],
  [`${HEAD}extenders: [{}]`, 'extenders[0].urlPrefix: is missing, wanted a text'],
  [`${HEAD}extenders: [{ urlPrefix: here }]`, 'urlPrefix: is "here", wanted an http or https URL'],
  [`${HEAD}extenders: [{ preemptVerb: p }]`, 'extenders[0].preemptVerb: is not supported'],
  [
    `${HEAD}extenders: [{ urlPrefix: "http://a", prioritizeVerb: p }]`,
    'weight: is 0, wanted more where there is a prioritizeVerb',
  ],
  [
    `${HEAD}extenders: [{ urlPrefix: "http://a", httpTimeout: soon }]`,
    'httpTimeout: is "soon", wanted a duration above 0',
  ],
  [`${HEAD}profiles: []`, 'profiles: are empty'],
  [`${HEAD}profiles: [{}, {}]`, 'profiles: "default-scheduler" is there twice'],
  [
    `${HEAD}profiles: [{ plugins: { score: { enabled: [{ name: Nothing }] } } }]`,
    'profiles[0].plugins.score: there is no plugin "Nothing"',
  ],
  [
    `${HEAD}podMaxBackoffSeconds: 0`,
    'podMaxBackoffSeconds: is 0, wanted a whole number, 1 or more',
  ],
] as const)('refused: %s', ([text, message]) => {
  expect(() => parseConfig(text)).toThrow(ConfigError)
  expect(() => parseConfig(text)).toThrow(message)
})

const profileWith = (text: string) => parseConfig(`${HEAD}profiles:\n- ${text}`).profiles[0]!

test('preemption and single filters can be switched off', () => {
  const { plugins: chosen } = profileWith(
    'plugins: { postFilter: { disabled: [{ name: "*" }] }, ' +
      'filter: { disabled: [{ name: "*" }], enabled: [{ name: NodeName }] } }',
  )
  expect(chosen.filter(({ rescue }) => rescue)).toEqual([])
  expect(chosen.filter(({ filter }) => filter).map(({ name }) => name)).toEqual(['NodeName'])
  expect(chosen.some(({ name, scorer }) => name === 'ImageLocality' && scorer)).toBe(true)
})

test('the share of nodes that is looked at: what a profile says goes first', () => {
  const { profiles } = parseConfig(
    `${HEAD}percentageOfNodesToScore: 30\n` +
      'profiles: [{ percentageOfNodesToScore: 70 }, { schedulerName: other }]',
  )
  expect(profiles.map((each) => each.percentageOfNodesToScore)).toEqual([70, 30])
})
