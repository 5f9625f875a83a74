/** Server-side apply: merges what a manager wants into an object, and says who owns what then. */
import { StatusError } from '../status.ts'
import { conflictError } from './apply-conflict.ts'
import { difference, without } from './field-set.ts'
import { lastAppliedFields, syncLastApplied } from './last-applied.ts'
import { type TrackedObject, withoutManagers } from './managed-fields.ts'
import { decodedManagers, identityOf, type Manager, type Managers } from './managers.ts'
import { mergeTyped } from './merge-typed.ts'
import { claimedFields, reconciledFields } from './owned-fields.ts'
import { prune } from './prune.ts'
import { sameJson } from './same-json.ts'
import { shapeOf } from './shape.ts'
import { typeProblem } from './typed-check.ts'
import {
  lossesOf,
  nameOf,
  owned,
  type Tracking,
  updatedManagers,
  type Writer,
} from './update-managers.ts'

export interface ApplyRequest {
  readonly tracking: Tracking
  /** As the tracked version has it; an empty object, if there is none yet. */
  readonly live: TrackedObject
  /** What an object of the kind is before anybody wrote to it. */
  readonly empty: TrackedObject
  readonly config: object
  readonly writer: Writer
  /** Takes fields from others. */
  readonly force: boolean
}

export interface Applied {
  /** Without managers; not in normal form, as far as it comes from the configuration. */
  readonly object: object
  readonly managers: Managers
}

/** kubectl's own name: it migrates what it applied from the client's side. */
const KUBECTL = 'kubectl'
/** Owns what an object had when it was applied first, and nobody was on record. */
const BEFORE_FIRST_APPLY = 'before-first-apply'

export function applyObject(request: ApplyRequest): Applied {
  const { tracking, config, writer } = request
  checkConfig(request)
  const live = withoutManagers(request.live)
  const managers = liveManagers(request, live)
  const attempt = applied(request, live, managers)
  const conflicts = remainingConflicts(request, live, attempt)
  if (conflicts.length && !request.force) throw conflictError(conflicts, managers)
  const { object } = attempt
  const isSame = sameJson(live, object)
  const { identity, manager } = attempt
  const after = attempt.losses.managers
  const fields = owned(manager.fields, tracking)
  const time = isSame ? managers.get(identity)?.time : writer.time
  after.delete(identity)
  if (fields) after.set(identity, { ...manager, ...(time && { time }), fields })
  if (writer.manager !== KUBECTL) return { object, managers: after }
  return { object: syncLastApplied(object, config), managers: after }
}

/** What cannot be applied at all is told first. */
function checkConfig({ tracking, config }: ApplyRequest): void {
  const problem = typeProblem(tracking.schema, config)
  if (problem === undefined) return
  const { apiVersion = '', kind = '', metadata } = config as Record<string, unknown>
  const meta = (metadata ?? {}) as Record<string, unknown>
  const name = (value: unknown): string => (typeof value === 'string' ? value : '')
  const [group, version] = groupAndVersion(String(apiVersion))
  const subject = `${name(meta.namespace)}/${name(meta.name)}; ${group}/${version}, Kind=${kind}`
  throw StatusError.withoutReason(
    500,
    `failed to create typed patch object (${subject}): ${problem}`,
  )
}

function groupAndVersion(apiVersion: string): readonly [string, string] {
  const mark = apiVersion.indexOf('/')
  return [apiVersion.slice(0, Math.max(mark, 0)), apiVersion.slice(mark + 1)]
}

function liveManagers(request: ApplyRequest, live: TrackedObject): Managers {
  const managers = decodedManagers(request.live.metadata.managedFields, true) ?? new Map()
  if (managers.size) return reconciledManagers(request.tracking, managers)
  const writer = { ...request.writer, manager: BEFORE_FIRST_APPLY }
  return updatedManagers(request.tracking, request.empty, live, managers, writer)
}

function reconciledManagers(tracking: Tracking, managers: Managers): Managers {
  const shape = shapeOf(tracking.schema)
  for (const [identity, manager] of managers) {
    if (manager.apiVersion !== tracking.apiVersion) continue
    managers.set(identity, { ...manager, fields: reconciledFields(shape, manager.fields) })
  }
  return managers
}

interface Attempt {
  readonly object: object
  readonly identity: string
  readonly manager: Manager
  readonly losses: ReturnType<typeof lossesOf>
}

function applied(request: ApplyRequest, live: TrackedObject, managers: Managers): Attempt {
  const { tracking, config, writer } = request
  const shape = shapeOf(tracking.schema)
  const name = nameOf(writer, 'Apply', tracking.apiVersion)
  const identity = identityOf(name)
  const merged = mergeTyped(shape, live, config) as object
  const fields = without(claimedFields(shape, config), tracking.resetFields)
  const manager: Manager = { ...name, fields }
  const claims = new Map(managers).set(identity, manager)
  const object = prune(tracking, merged, claims, managers.get(identity))
  const losses = lossesOf(tracking, live, object, claims, identity)
  return { object, identity, manager, losses }
}

/** Conflicts with what kubectl itself once applied from the client's side are none. */
function remainingConflicts(
  { tracking, writer }: ApplyRequest,
  live: TrackedObject,
  { losses }: Attempt,
) {
  const conflicts = [...losses.conflicts].map(([identity, fields]) => ({ identity, fields }))
  if (!conflicts.length || writer.manager !== KUBECTL) return conflicts
  const allowed = lastAppliedFields(tracking, live)
  return conflicts.flatMap(({ identity, fields }) => {
    const rest = allowed ? difference(fields, allowed) : fields
    return rest ? [{ identity, fields: rest }] : []
  })
}
