/** Rules about versions of a definition: columns, subresources, fields for selectors. */
import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
} from '../parts/apiextensions/definition-version.ts'
import type { JSONSchemaProps } from '../parts/apiextensions/json-schema-props.ts'
import type { Path, Problems } from '../problems.ts'

const MAX_SELECTABLE_FIELDS = 8
const MAX_WARNING_BYTES = 256

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

export function validateDeprecationWarning(
  { deprecated, deprecationWarning: warning }: CustomResourceDefinitionVersion,
  at: Path,
  problems: Problems,
): void {
  if (warning === undefined) return
  const path = at.child('deprecationWarning')
  if (!deprecated) {
    problems.invalid(path, warning, 'can only be set for deprecated versions')
    return
  }
  if (Buffer.byteLength(warning) > MAX_WARNING_BYTES) {
    problems.invalid(path, warning, `must be <= ${MAX_WARNING_BYTES} characters long`)
  }
  if (!warning) problems.invalid(path, warning, 'must not be an empty string')
  const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(warning)
  if (unprintable) {
    const place = Buffer.byteLength(warning.slice(0, unprintable.index))
    const message = `non-printable character found at index ${place}`
    problems.invalid(path, warning, `must only contain printable UTF-8 characters; ${message}`)
  }
}

export function validateSubresources(
  subresources: CustomResourceSubresources | undefined,
  at: Path,
  problems: Problems,
): void {
  const scale = subresources?.scale
  if (!scale) return
  const path = at.child('scale')
  validateScalePath(scale.specReplicasPath, ['.spec'], path.child('specReplicasPath'), problems)
  const statusPath = path.child('statusReplicasPath')
  validateScalePath(scale.statusReplicasPath, ['.status'], statusPath, problems)
  if (scale.labelSelectorPath) {
    const selectorPath = path.child('labelSelectorPath')
    validateScalePath(scale.labelSelectorPath, ['.status', '.spec'], selectorPath, problems)
  }
}

function validateScalePath(
  text: string,
  roots: readonly string[],
  at: Path,
  problems: Problems,
): void {
  if (!text) problems.required(at)
  else if (!text.startsWith('.')) problems.invalid(at, text, simplePathMessage)
  else if (!roots.some((root) => text.startsWith(`${root}.`))) {
    const which = roots.length > 1 ? `either ${roots.join(' or ')}` : roots[0]
    problems.invalid(at, text, `should be a json path under ${which}`)
  }
}

const simplePathMessage = 'must be a simple json path starting with .'

export function validateColumns(
  columns: readonly CustomResourceColumnDefinition[] | null | undefined,
  at: Path,
  problems: Problems,
): void {
  for (const [position, column] of columns?.entries() ?? []) {
    validateColumn(column, at.index(position), problems)
  }
}

function validateColumn(
  { name, type, format, jsonPath }: CustomResourceColumnDefinition,
  at: Path,
  problems: Problems,
): void {
  if (!name) problems.required(at.child('name'))
  const typeMessage = `must be one of ${columnTypes.join(',')}`
  if (!type) problems.required(at.child('type'), typeMessage)
  else if (!columnTypes.includes(type)) problems.invalid(at.child('type'), type, typeMessage)
  if (format && !columnFormats.includes(format)) {
    problems.invalid(at.child('format'), format, `must be one of ${columnFormats.join(',')}`)
  }
  // The field is called jsonPath; its older name is what upstream still reports.
  const path = at.child('JSONPath')
  if (!jsonPath) problems.required(path)
  else if (!jsonPath.startsWith('.')) problems.invalid(path, jsonPath, simplePathMessage)
}

/** Fields that selectors may use are texts, numbers and booleans that the schema knows. */
export function validateSelectableFields(
  fields: readonly { readonly jsonPath: string }[] | null | undefined,
  schema: JSONSchemaProps | undefined,
  at: Path,
  problems: Problems,
): void {
  if (!fields?.length) return
  if (!schema) {
    const message =
      'selectableFields may only be set when version.schema.openAPIV3Schema is not included'
    problems.invalid(at, '', message)
    return
  }
  const seen = new Set<string>()
  for (const [position, { jsonPath }] of fields.entries()) {
    const path = at.index(position).child('jsonPath')
    if (!jsonPath) {
      problems.required(path)
      continue
    }
    const found = fieldAt(jsonPath, schema)
    if (typeof found === 'string') {
      problems.invalid(path, jsonPath, `is an invalid path: ${found}`)
      continue
    }
    if (jsonPath.startsWith('.metadata')) {
      problems.invalid(path, jsonPath, 'must not point to fields in metadata')
    }
    if (!['string', 'boolean', 'integer'].includes(found.type ?? '')) {
      const message =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
      problems.invalid(path, jsonPath, message)
    }
    if (seen.has(jsonPath)) problems.duplicate(path, jsonPath)
    seen.add(jsonPath)
  }
  if (seen.size > MAX_SELECTABLE_FIELDS) problems.tooMany(at, seen.size, MAX_SELECTABLE_FIELDS)
}

/** The schema of a field, or why the path leads nowhere. */
function fieldAt(path: string, root: JSONSchemaProps): JSONSchemaProps | string {
  const tokens = path.match(/[.[\]]|[^.[\]]+/g) ?? []
  let schema = root
  for (let position = 0; position < tokens.length; position += 2) {
    const token = tokens[position]
    if (token === '[') return 'array notation is not allowed'
    if (token !== '.') return `expected [ or . but got: ${token}`
    const name = tokens[position + 1]
    if (name === undefined) return 'unexpected end of JSON path'
    const { properties } = schema
    if (!properties || !Object.hasOwn(properties, name)) return 'does not refer to a valid field'
    schema = properties[name]!
  }
  return schema
}
