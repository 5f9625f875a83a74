/** Request bodies: JSON or YAML bytes to an object of the kind that the request is for. */
import { decode, type Findings } from '#api/decode.ts'
import { DecodeError } from '#api/decode-error.ts'
import { jsonTypeName } from '#api/go-names.ts'
import { duplicateKeys, JsonError, parseJson } from '#api/json.ts'
import type { Kind } from '#api/kind.ts'
import { Path, Problems } from '#api/problems.ts'
import { kindOf } from '#api/registry.ts'
import { badRequest, invalid, type StatusError } from '#api/status.ts'
import { unknownFields } from '#api/unknown-fields.ts'
import { parseYaml, YamlError } from '#api/yaml.ts'
import type { ApiObject } from '../stored-object.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** A body as it was read, before it is known to be of the right kind. */
export interface ParsedBody {
  readonly value: unknown
  /** What is wrong with the text and can be ignored, such as a key that stands twice. */
  readonly flaws: readonly string[]
}

/** JSON as upstream reads it. Flaws are looked for only when somebody wants to know. */
export function parsedJsonBody(bytes: Buffer, kind: Kind, level: FieldValidation): ParsedBody {
  let value: unknown
  try {
    value = parseJson(bytes)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw unrecognized(kind, `couldn't get version/kind; json parse error: ${error.message}`, bytes)
  }
  const flaws = level === 'Ignore' ? [] : duplicateKeys(bytes, value).map(duplicateFlaw)
  return { value: checkedObject(value, kind, bytes), flaws }
}

/** A body must be an object; nothing at all counts as an empty one. */
function checkedObject(value: unknown, kind: Kind, bytes: Buffer): object {
  if (value === null || value === undefined) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value
  const why =
    "couldn't get version/kind; json parse error: json: cannot unmarshal " +
    `${jsonTypeName(value)} into Go value of type ${typeMetaStruct}`
  throw unrecognized(kind, why, bytes)
}

/** What upstream reads first of any object. */
export const typeMetaStruct =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; ' +
  'Kind string "json:\\"kind,omitempty\\"" }'

const duplicateFlaw = (path: string): string => `duplicate field "${path}"`

/** YAML as upstream reads it: turned into JSON values first. */
export function parsedYamlBody(bytes: Buffer, kind: Kind, level: FieldValidation): ParsedBody {
  try {
    const { value, duplicates } = parseYaml(bytes.toString())
    const flaws = level === 'Strict' && duplicates.length ? [yamlFlaws(duplicates)] : duplicates
    return { value: checkedObject(value, kind, bytes), flaws: level === 'Ignore' ? [] : flaws }
  } catch (error) {
    if (error instanceof YamlError) throw unrecognized(kind, error.message, bytes)
    throw error
  }
}

const yamlFlaws = (duplicates: readonly string[]): string =>
  `yaml: unmarshal errors:\n  ${duplicates.join('\n  ')}`

export function unrecognized(kind: Kind, why: string, bytes: Buffer): StatusError {
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind.kind}): ${why} (${shown(bytes)})`,
  )
}

const SHOWN_BYTES_MAX = 30
/** Of a body that does not say what it is, this much is shown. */
const MISSING_BYTES_MAX = 1024

/** The beginning of a body: as text when it looks like JSON, else in hexadecimal. */
function shown(bytes: Buffer): string {
  if (!bytes.length) return '<empty>'
  const head = bytes.subarray(0, SHOWN_BYTES_MAX)
  const text = bytes[0] === 0x7b ? head.toString() : head.toString('hex')
  return bytes.length > SHOWN_BYTES_MAX ? `${text} ...` : text
}

/** Decodes a parsed body, and says in `warnings` what was ignored. */
export function decodedBody(
  body: ParsedBody,
  bytes: Buffer,
  kind: Kind,
  level: FieldValidation,
  warnings: string[],
): ApiObject {
  const identity = checkedIdentity(body.value as object, bytes, kind)
  const findings: Findings = { unknown: 0 }
  const object = decodedAs(kind, body.value, findings, identity)
  object.kind = kind.kind
  object.apiVersion = kind.apiVersion
  const flaws = [...body.flaws]
  if (findings.unknown && level !== 'Ignore') {
    flaws.push(...unknownFields(kind.schema, body.value).map((path) => `unknown field "${path}"`))
  }
  if (flaws.length && level === 'Strict') {
    throw cannotBeHandled(kind, identity, `strict decoding error: ${flaws.join(', ')}`)
  }
  if (level === 'Warn') warnings.push(...flaws)
  return object
}

interface Identity {
  readonly kind: string
  readonly version: string
}

function decodedAs(kind: Kind, value: unknown, findings: Findings, identity: Identity): ApiObject {
  try {
    return decode(kind.schema, value, findings) as unknown as ApiObject
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw cannotBeHandled(kind, identity, error.message)
  }
}

/** Kind and version may be left out; if given, they must be those of the resource. */
function checkedIdentity(value: object, bytes: Buffer, kind: Kind): Identity {
  const given = value as { apiVersion?: unknown; kind?: unknown }
  if (kind.schema.custom) checkCustomIdentity(value, bytes, kind)
  const apiVersion = textOr(given.apiVersion, kind.apiVersion)
  const name = textOr(given.kind, kind.kind)
  if (apiVersion.split('/').length > 2) {
    throw unrecognized(kind, `unexpected GroupVersion string: ${apiVersion}`, bytes)
  }
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  const identity = { kind: name, version }
  const problem = identityProblem(value, kind)
  if (problem !== undefined) throw cannotBeHandled(kind, identity, problem)
  return identity
}

/** Custom resources must say what they are: nobody but them knows. */
function checkCustomIdentity(value: object, bytes: Buffer, kind: Kind): void {
  const given = value as { apiVersion?: unknown; kind?: unknown; metadata?: { name?: unknown } }
  const name = textOr(given.kind, '')
  if (!name) {
    const text = bytes.toString('utf8', 0, MISSING_BYTES_MAX)
    throw unrecognized(kind, `Object 'Kind' is missing in '${text}'`, bytes)
  }
  const apiVersion = textOr(given.apiVersion, '')
  if (apiVersion !== kind.apiVersion) {
    const expected = `does not match the expected API version (${kind.apiVersion})`
    throw badRequest(`the API version in the data (${apiVersion}) ${expected}`)
  }
  if (name === kind.kind) return
  const problems = new Problems()
  problems.invalid(Path.root.child('kind'), name, `must be ${kind.kind}`)
  const subject = textOr(given.metadata?.name, '')
  throw invalid({ group: kind.group, kind: name }, subject, problems.list)
}

/** Why an object that says it is of some kind and version cannot be one of this kind. */
export function identityProblem(value: object, kind: Kind): string | undefined {
  const given = value as { apiVersion?: unknown; kind?: unknown }
  const apiVersion = textOr(given.apiVersion, kind.apiVersion)
  const name = textOr(given.kind, kind.kind)
  if (apiVersion === kind.apiVersion && name === kind.kind) return undefined
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  const isKnown = kindOf(apiVersion, name) ?? kindOf(apiVersion, name.replace(/List$/, ''))
  return isKnown
    ? `converting (${version}.${name}) to (${internalPackage(kind)}.${kind.kind}): unknown conversion`
    : `no kind "${name}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:100"`
}

const textOr = (value: unknown, fallback: string): string =>
  typeof value === 'string' && value ? value : fallback

/** The package of a group as messages name it: `core`, `apps`, `rbac`. */
const internalPackage = ({ group }: Kind): string => group.split('.')[0] || 'core'

const cannotBeHandled = (kind: Kind, identity: Identity, why: string): StatusError =>
  badRequest(
    `${identity.kind} in version "${identity.version}" cannot be handled as a ${kind.kind}: ${why}`,
  )
