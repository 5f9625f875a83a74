/**
 * Who owns what after each recorded write of a genuine API server, decided by `api/` alone: every
 * write starts from the object that was recorded before it.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { customKind } from '#api/custom-schema.ts'
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import type { Kind } from '#api/kind.ts'
import { applyObject } from '#api/patch/apply.ts'
import { applyJsonPatch, type Operation } from '#api/patch/json-patch.ts'
import {
  emptyObject,
  type TrackedObject,
  trackCreate,
  trackUpdate,
  writeManagers,
} from '#api/patch/managed-fields.ts'
import { applyMergePatch } from '#api/patch/merge-patch.ts'
import { applyStrategicPatch } from '#api/patch/strategic-patch.ts'
import type { Tracking } from '#api/patch/update-managers.ts'
import { kindOf } from '#api/registry.ts'
import { StatusError } from '#api/status.ts'

type Json = Record<string, unknown>
type Body = TrackedObject & {
  metadata: { name?: string }
  apiVersion: string
  kind: string
  spec?: object
  message?: string
  details?: Json
}
interface Step {
  readonly name: string
  readonly method: string
  /** Some steps only wait. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Json
  readonly bodyText?: string
  /** How the answer is compared: where this is set, parts of it were not recorded. */
  readonly compare?: object
}
interface Answer {
  readonly status: number
  readonly body?: Body
}
interface Tolerance {
  readonly path: readonly string[]
  readonly allow: readonly string[]
}

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`golden/${file}`, import.meta.url), 'utf8'))

const tolerated: readonly RegExp[] = [
  ...(read('tolerances.json').rules as Tolerance[])
    .flatMap(({ path }) => path)
    .filter((path) => path.includes('/f:'))
    .map(globbed),
  // Written by a conversion between versions, where we write it when the object is stored.
  /f:deprecated\.daemonset\.template\.generation$/,
  // The whole, where the tolerances above name its parts.
  /f:service\/f:port$/,
  /f:volumeClaimTemplate\/f:metadata$/,
]

/** What a tolerance names, and what lies below it. */
function globbed(glob: string): RegExp {
  const pattern = glob
    .replace(/^\*\*\/(fieldsV1\/\*\*\/)?/, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
  return new RegExp(`/${pattern}(/|$)`)
}

function cases() {
  return ['patch', 'crd', 'defaults', 'updates'].flatMap((area) => {
    const recorded: Record<string, Answer[]> = read(`recorded/${area}.json`)
    const scenarios: { name: string; steps: Step[] }[] = read(`scenarios/${area}.json`)
    return scenarios.flatMap(({ name, steps }) =>
      scenarioCases(`${area}/${name}`, steps, recorded[name]!),
    )
  })
}

function scenarioCases(title: string, steps: readonly Step[], answers: readonly Answer[]) {
  const states = new Map<string, Body>()
  const customs = new Map<string, Kind>()
  return steps.flatMap((step, at) => {
    const answer = filled(answers[at] ?? { status: 0 })
    const write = writeOf(filled(step))
    const { body } = answer
    const subject = (body?.kind === 'Status' ? undefined : body) ?? (write.body as Body | undefined)
    const identity = `${subject?.apiVersion}/${subject?.kind}`
    const kind = subject && (kindOf(subject.apiVersion, subject.kind) ?? customs.get(identity))
    if (body?.kind === 'CustomResourceDefinition' && body.spec)
      rememberKinds(body as never, customs)
    const isNew = write.method === 'POST' && !write.isStrange
    const target = isNew ? `${write.path}/${subject?.metadata?.name}` : write.path
    const state = states.get(target)
    const isWhole = !step.compare && body?.kind === kind?.kind && body?.metadata?.name
    // What cannot be seen in whole, a recorded scale for one, leaves the next write undecided.
    if (write.method === 'DELETE' || (write.isStrange && answer.status < 300)) states.delete(target)
    else if (answer.status < 300 && !write.isDryRun) {
      if (isWhole && !write.isStrange) states.set(target, body as Body)
      else states.delete(target)
    }
    const isKnown = state !== undefined || isNew || answer.status === 201
    if (!kind || !isKnown || !isDecided(answer, kind, write) || step.compare) return []
    return [{ title: `${title}/${step.name}`, kind, write, state, answer }]
  })
}

/** A write that leaves an object of the kind, or meets a conflict between managers. */
function isDecided({ status, body }: Answer, kind: Kind, write: Write): boolean {
  if (!['POST', 'PUT', 'PATCH'].includes(write.method) || write.isStrange) return false
  if (typeof write.body !== 'object') return false
  if (status === 409) return Boolean(body?.message?.startsWith('Apply failed'))
  return status < 300 && body?.kind === kind.kind && Boolean(body.metadata?.name)
}

function rememberKinds(definition: never, customs: Map<string, Kind>): void {
  const { spec } = definition as { spec: { versions?: { name: string }[] } }
  for (const { name } of spec.versions ?? []) {
    const kind = customKind(definition, name)
    customs.set(`${kind.apiVersion}/${kind.kind}`, kind)
  }
}

function filled<T>(value: T): T {
  const text = JSON.stringify(value)
    .replaceAll('{{ns}}', 'gc-test')
    .replaceAll('"<time>"', '"2024-01-01T00:00:00Z"')
    .replaceAll('"<port>"', '30000')
    .replaceAll('"<microtime>"', '"2024-01-01T00:00:00.000000Z"')
  return JSON.parse(text) as T
}

function writeOf({ method, path = '', headers, body, bodyText }: Step) {
  const [plain = '', query = ''] = path.split('?')
  const parameters = new URLSearchParams(query)
  const subresource = /\/(status|scale)$/.exec(plain)?.[1] ?? ''
  return {
    method,
    path: plain.replace(/\/(status|scale|finalize|binding|approval|ephemeralcontainers)$/, ''),
    // Decided by the server alone: subresources of another kind, and actions.
    isStrange:
      subresource === 'scale' ||
      /\/(finalize|binding|eviction|token|approval|ephemeralcontainers)$/.test(plain),
    subresource,
    type: headers?.['Content-Type'] ?? '',
    manager: parameters.get('fieldManager') ?? 'golden',
    force: parameters.get('force') === 'true',
    isDryRun: parameters.has('dryRun'),
    body: (body ?? bodyText) as unknown,
  }
}

type Write = ReturnType<typeof writeOf>

/** What only a server decides. */
const needsServer = new Set([
  'crd/two-versions/v2 patch', // Converts between versions.
  'defaults/csr/create', // Every write resets the spec of a request.
])

const all = cases().filter(({ title }) => !needsServer.has(title))

test('there are as many writes as were recorded', () => {
  expect(all.length).toBeGreaterThan(200)
})

test.for(all)('$title', ({ kind, write, state, answer }) => {
  if (answer.status === 409) {
    const { message, details } = thrown(() => written(kind, write, state))
    const lines = (text: string) => text.split(/\n| \| /).sort()
    expect(lines(message)).toEqual(lines(answer.body!.message!))
    const byField = (causes: unknown) =>
      (causes as object[]).map((each) => JSON.stringify(each)).sort()
    expect(byField(details?.causes)).toEqual(byField(answer.body!.details!.causes))
    return
  }
  const answered = written(kind, write, state)
  const differences = difference(pathsOf(answer.body!), pathsOf(answered))
  expect(differences.filter((path) => !tolerated.some((each) => each.test(path)))).toEqual([])
})

const difference = (recorded: ReadonlySet<string>, answered: ReadonlySet<string>): string[] => [
  ...[...recorded].filter((path) => !answered.has(path)).map((path) => `missing ${path}`),
  ...[...answered].filter((path) => !recorded.has(path)).map((path) => `extra ${path}`),
]

/** Every member of every manager. */
function pathsOf({ metadata }: TrackedObject): ReadonlySet<string> {
  const entries = metadata.managedFields ?? []
  return new Set(
    entries.flatMap(({ manager, operation, apiVersion, subresource = '', fieldsV1 }) =>
      membersOf(fieldsV1 as Json, `${operation} ${manager} ${apiVersion} ${subresource}:`),
    ),
  )
}

function membersOf(fields: Json, path: string): string[] {
  const elements = Object.keys(fields)
  if (!elements.length) return [path]
  return elements.flatMap((element) =>
    membersOf(fields[element] as Json, `${path}/${element.replaceAll('/', '~1')}`),
  )
}

function written(kind: Kind, write: Write, state: Body | undefined): TrackedObject {
  const tracking: Tracking = {
    schema: kind.schema,
    apiVersion: kind.apiVersion,
    ...resetBy(kind, write.subresource),
  }
  const writer = {
    manager: write.manager,
    subresource: write.subresource,
    time: '2024-01-01T00:00:05Z',
  }
  const empty = emptyObject(kind)
  const live = state && normal(kind, state)
  if (write.type === 'application/apply-patch+yaml') {
    const config = write.body as object
    const { object, managers } = applyObject({
      tracking,
      live: live ?? empty,
      empty,
      config,
      writer,
      force: write.force,
    })
    const next = normal(kind, object)
    writeManagers(next, managers)
    return next
  }
  if (write.method === 'POST' || !live) {
    const next = normal(kind, write.body as object)
    delete (next.metadata as Json).deletionTimestamp
    delete (next.metadata as Json).deletionGracePeriodSeconds
    trackCreate(tracking, empty, next, writer)
    return next
  }
  const next = normal(kind, changed(kind, structuredClone(live), write))
  carryOver(next, live)
  trackUpdate(tracking, next, live, writer)
  return next
}

function changed(kind: Kind, live: TrackedObject, { type, body }: Write): object {
  if (type === 'application/json-patch+json')
    return applyJsonPatch(live, body as Operation[]) as object
  if (type === 'application/merge-patch+json') return applyMergePatch(live, body) as object
  if (type === 'application/strategic-merge-patch+json') {
    return applyStrategicPatch(kind.schema, live, body as object) as object
  }
  return body as object
}

function normal(kind: Kind, value: object): TrackedObject {
  const object = decode(kind.schema, value) as TrackedObject
  return applyDefaults(kind.schema, object as object) as TrackedObject
}

function carryOver(next: TrackedObject, live: TrackedObject): void {
  const [after, before] = [next.metadata as Json, live.metadata as Json]
  for (const name of [
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ]) {
    if (before[name] !== undefined) after[name] ??= before[name]
  }
}

function resetBy({ subresources }: Kind, subresource: string): Pick<Tracking, 'resetFields'> {
  if (!subresources?.status) return {}
  return { resetFields: { [subresource === 'status' ? 'f:spec' : 'f:status']: {} } }
}

function thrown(call: () => unknown): StatusError {
  try {
    call()
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
