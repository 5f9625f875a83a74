/**
 * Recorded creates of a genuine API server, decided by `api/` alone: the same objects are refused,
 * in the same words, and the same defaults are stored. What needs a server is replayed elsewhere.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { problemsOfNew } from '#api/check.ts'
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import { forgetEmptyLists } from '#api/empty-lists.ts'
import type { Kind } from '#api/kind.ts'
import { kindOf } from '#api/registry.ts'
import { type Cause, invalid } from '#api/status.ts'

interface Step {
  readonly name: string
  readonly method: string
  readonly path: string
  /** Some answers come from walking a map, in no fixed order. */
  readonly compare?: { readonly unorderedCauses?: boolean }
  readonly body?: { apiVersion?: string; kind?: string; metadata?: Record<string, unknown> }
}
interface Tolerance {
  readonly path: readonly string[]
  readonly allow: readonly string[]
  readonly kinds?: readonly string[]
}
interface Answer {
  readonly status: number
  readonly body?: Record<string, unknown> & {
    message?: string
    details?: { causes?: readonly Cause[] }
  }
  readonly or?: Answer
}

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`golden/${file}`, import.meta.url), 'utf8'))
const tolerances: {
  rewrites: { pattern: string; replace: string }[]
  rules: Tolerance[]
} = read('tolerances.json')

/** Written by admission, allocation and the other parts of a server that come after defaulting. */
const writtenLater: readonly Tolerance[] = [
  '/metadata/**',
  '/status/**',
  '/status',
  '/spec/volumes/**',
  '/spec/volumes',
  '/spec/*/*/volumeMounts/**',
  '/spec/*/*/volumeMounts',
  '/spec/tolerations/**',
  '/spec/tolerations',
  '/spec/priority',
  '/spec/preemptionPolicy',
  '/spec/serviceAccount',
  '/spec/serviceAccountName',
  '/spec/clusterIP',
  '/spec/clusterIPs',
  '/spec/clusterIPs/**',
  '/spec/ipFamilies',
  '/spec/ipFamilies/**',
  '/spec/ipFamilyPolicy',
  '/spec/ports/*/nodePort',
  '/spec/healthCheckNodePort',
  '/spec/finalizers',
  '/spec/finalizers/**',
  '/spec/taints/**',
  '/spec/taints',
  '/spec/username',
  '/spec/groups',
  '/spec/groups/**',
].map((path) => ({ path: [path], allow: ['missing', 'extra', 'differs'] }))

function cases() {
  return ['validation', 'defaults', 'limits', 'updates', 'crd'].flatMap((area) => {
    const recorded: Record<string, Answer[]> = read(`recorded/${area}.json`)
    const scenarios: { name: string; steps: Step[] }[] = read(`scenarios/${area}.json`)
    return scenarios.flatMap((scenario) =>
      scenario.steps.flatMap((step, at) => {
        const answer = recorded[scenario.name]?.[at]
        const kind = step.body && kindOf(step.body.apiVersion ?? '', step.body.kind ?? '')
        if (!answer || !kind || !isPlainCreate(step, kind, answer)) return []
        const title = `${area}/${scenario.name}/${step.name}`
        if (kind.kind === 'Pod' && needsAdmission.test(title)) return []
        return [{ title, step, kind, answer }]
      }),
    )
  })
}

/** Creates whose answer depends on what the server does before it validates. */
const needsServer = new Set([
  'bad value', // This and the next three are about parameters of the request.
  'empty value',
  'too long',
  'unprintable',
  'dry generateName', // The answer shows the letters that were drawn.
  'managedFields bad', // Managed fields that a creator sends are thrown away when they make no sense.
])
/** Scenarios about what admission adds to pods. */
const needsAdmission = /\/(?:limitrange-|pod-service-account-admission|runtimeclass-admission)/

/** A create of a stored kind whose answer depends on nothing but the object. */
function isPlainCreate(step: Step, kind: Kind, answer: Answer): boolean {
  const isCollection = step.path.replace(/\?.*/, '').endsWith(`/${kind.plural}`)
  const isDecidedHere = !needsServer.has(step.name)
  return (
    step.method === 'POST' && isCollection && isDecidedHere && [201, 422].includes(answer.status)
  )
}

test.for(cases())('$title', ({ title, step, kind, answer }) => {
  const posted = JSON.parse(filled(JSON.stringify(step.body)))
  if (kind.scope === 'Namespaced') posted.metadata.namespace ??= 'gc-test'
  // Admission gives every pod an account, without which it may have no tokens.
  if (kind.kind === 'Pod' && posted.spec) posted.spec.serviceAccountName ??= 'default'
  const object = decode(kind.schema, posted) as {
    metadata: { name?: string; generateName?: string; uid?: string }
  }
  object.metadata.uid = '11111111-2222-4333-8444-555555555555'
  kind.prepareCreate?.(object)
  const { metadata } = object
  if (!metadata.name && metadata.generateName) metadata.name = `${metadata.generateName}<gen>`
  applyDefaults(kind.schema, object)
  forgetEmptyLists(kind.schema, object as never)
  const problems = problemsOfNew(kind, object)
  const name = object.metadata.name ?? ''
  const message = problems.length ? invalid(kind, name, problems).message : ''
  const accepted = [answer, ...(answer.or ? [answer.or] : [])]
    .filter(({ status }) => [201, 422].includes(status))
    .map(({ status, body }) => (status === 422 ? rewritten(filled(body?.message ?? '')) : ''))
  if (step.compare?.unorderedCauses) {
    expect(sortedCauses(problems)).toEqual(sortedCauses(answer.body?.details?.causes ?? []))
    return
  }
  if (answer.status === 422 && !answer.body) {
    expect(problems).not.toEqual([])
    return
  }
  const mine = rewritten(message)
  expect(mine).toBe(accepted.find((each) => each === mine) ?? accepted[0])
  if (problems.length || answer.status !== 201) return
  const recorded = JSON.parse(filled(JSON.stringify(answer.body)))
  const found = differences(recorded, JSON.parse(JSON.stringify(object)), '').filter(
    (difference) => !isTolerated(difference, kind.kind),
  )
  expect(found, title).toEqual([])
})

interface Difference {
  readonly path: string
  readonly is: 'missing' | 'extra' | 'differs'
  readonly recorded: unknown
  readonly answered: unknown
}

function differences(recorded: unknown, answered: unknown, path: string): Difference[] {
  if (typeof recorded === 'string' && (/^<.*>$/.test(recorded) || recorded.includes('{{')))
    return []
  if (answered === undefined) return [{ path, is: 'missing', recorded, answered }]
  if (recorded === undefined) return [{ path, is: 'extra', recorded, answered }]
  if (isContainer(recorded) && isContainer(answered)) {
    const names = new Set([...Object.keys(recorded), ...Object.keys(answered)])
    return [...names].flatMap((name) =>
      differences(recorded[name], answered[name], `${path}/${name.replaceAll('/', '~1')}`),
    )
  }
  return Object.is(recorded, answered) ? [] : [{ path, is: 'differs', recorded, answered }]
}

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

function isTolerated({ path, is }: Difference, kind: string): boolean {
  return [...tolerances.rules, ...writtenLater].some(
    (rule) =>
      rule.allow.includes(is) &&
      (rule.kinds?.includes(kind) ?? true) &&
      rule.path.some((glob) => globbed(glob).test(path)),
  )
}

const globs = new Map<string, RegExp>()
function globbed(glob: string): RegExp {
  let pattern = globs.get(glob)
  if (!pattern) {
    const text = glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'))
    pattern = new RegExp(`^${text}$`)
    globs.set(glob, pattern)
  }
  return pattern
}

function filled(text: string): string {
  return text
    .replaceAll('{{ns}}', 'gc-test')
    .replaceAll('{{nsx}}', 'gc-test-x')
    .replace(/\{\{repeat:([^:]*):(\d+)\}\}/g, (_, part, count) => part.repeat(Number(count)))
}

function sortedCauses(causes: readonly Cause[]): string[] {
  return causes.map(({ field, message }) => rewritten(filled(`${field}: ${message}: `))).sort()
}

function rewritten(text: string): string {
  return tolerances.rewrites.reduce(
    (result, { pattern, replace }) => result.replaceAll(new RegExp(pattern, 'g'), replace),
    text,
  )
}
