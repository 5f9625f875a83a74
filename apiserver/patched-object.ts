/** What a patch made of an object, checked and brought into the form of its kind. */
import { decode, type Findings } from '#api/decode.ts'
import { DecodeError } from '#api/decode-error.ts'
import { jsonTypeName } from '#api/go-names.ts'
import type { Kind } from '#api/kind.ts'
import { unstructuredProblem } from '#api/patch/unstructured-problem.ts'
import { Path, Problems } from '#api/problems.ts'
import { invalid, StatusError } from '#api/status.ts'
import { unknownFields } from '#api/unknown-fields.ts'
import type { ApiObject } from './stored-object.ts'
import { type FieldValidation, identityProblem, typeMetaStruct } from './wire/decode-body.ts'

export interface Patched {
  readonly value: unknown
  /** How messages show it. */
  shown(): string
  /** What was wrong with the text of the patch and could be ignored. */
  readonly flaws: readonly string[]
  /** Strategic: what the result says of its type is ignored, and flaws are told in other words. */
  readonly isStrategic?: true
}

export function patchedObject(
  kind: Kind,
  { value, shown, flaws, isStrategic }: Patched,
  level: FieldValidation,
  warnings: string[],
): ApiObject {
  const refused = (why: string): StatusError => invalidPatch(shown(), why)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refused(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ` +
        `${jsonTypeName(value)} into Go value of type ${typeMetaStruct}`,
    )
  }
  const problem = isStrategic
    ? unstructuredProblem(kind.schema, value)
    : identityProblem(value, kind)
  if (problem !== undefined) throw refused(problem)
  const findings: Findings = { unknown: 0 }
  const object = decoded(kind, value, findings, refused)
  object.kind = kind.kind
  object.apiVersion = kind.apiVersion
  if (level === 'Ignore') return object
  const paths = findings.unknown ? unknownFields(kind.schema, value) : []
  const unknown = paths.map((path) => `unknown field "${path}"`)
  const all = [...flaws, ...(isStrategic ? unknown.sort() : unknown)]
  if (level === 'Warn') warnings.push(...all)
  else if (all.length) throw refused(`strict decoding error: ${all.join(', ')}`)
  return object
}

function decoded(
  kind: Kind,
  value: object,
  findings: Findings,
  refused: (why: string) => StatusError,
): ApiObject {
  try {
    return decode(kind.schema, value, findings) as unknown as ApiObject
  } catch (error) {
    throw error instanceof DecodeError ? refused(error.message) : error
  }
}

/** A problem of the patch as a whole, which names no kind. */
function invalidPatch(shown: string, why: string): StatusError {
  const problems = new Problems()
  problems.invalid(Path.root.child('patch'), shown, why)
  const { message, details } = invalid({ group: '', kind: '' }, '', problems.list)
  return new StatusError('Invalid', message, { causes: details?.causes ?? [] })
}
