/** Which entries a list or watch is about: its selectors as predicates on entries. */
import {
  type FieldSelector,
  FieldSelectorError,
  matchesFields,
  parseFieldSelector,
  requiredField,
} from '#api/field-selector.ts'
import { type LabelSelector, LabelSelectorError, parseLabelSelector } from '#api/label-selector.ts'
import { badRequest } from '#api/status.ts'
import type { ResourceContext } from './request-context.ts'
import type { Resource } from './resources.ts'
import { isSelectable } from './selectable-fields.ts'
import type { Entry } from './store/store.ts'

export interface Selection {
  /** One key where the selectors insist on a name, else everything below. */
  readonly prefix: string
  /** Undefined when everything below the prefix is wanted. */
  readonly select: ((entry: Entry) => boolean) | undefined
  /** A field value that every wanted entry has, by which a watch can be indexed. */
  readonly match: { readonly field: string; readonly value: string } | undefined
}

export function selectionOf({ info }: ResourceContext, resource: Resource): Selection {
  const labels = labelsOf(info.query.get('labelSelector'))
  const fields = fieldsOf(info.query.get('fieldSelector'), resource)
  // A watch of one object by its path is a selection by its name.
  const name = info.name || requiredField(fields, 'metadata.name')
  const namespace = info.namespace || requiredField(fields, 'metadata.namespace') || ''
  const isOne = Boolean(name) && (!resource.isNamespaced || Boolean(namespace))
  const own = resource.isNamespaced ? namespace : ''
  return {
    prefix: isOne ? resource.keyOf(own, name!) : resource.prefixOf(own),
    select: predicate(resource, labels, fields),
    match: indexable(fields, resource),
  }
}

function labelsOf(text: string | null): LabelSelector {
  try {
    return parseLabelSelector(text ?? '')
  } catch (error) {
    if (error instanceof LabelSelectorError) throw badRequest(error.message)
    throw error
  }
}

function fieldsOf(text: string | null, resource: Resource): FieldSelector {
  try {
    const selector = parseFieldSelector(text ?? '')
    for (const { field } of selector) {
      if (!isSelectable(resource.kind, field)) throw badRequest(unsupported(resource, field))
    }
    return selector
  } catch (error) {
    if (error instanceof FieldSelectorError) throw badRequest(error.message)
    throw error
  }
}

/** Upstream words it in two ways; this is the one of the kinds that share its generic code. */
function unsupported({ kind }: Resource, field: string): string {
  return kind.selectable
    ? `field label not supported: ${field}`
    : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
}

function predicate(resource: Resource, labels: LabelSelector, fields: FieldSelector) {
  const byLabels = labels.requirements.length > 0
  if (!byLabels && !fields.length) return undefined
  return (entry: Entry): boolean =>
    (!byLabels || labels.matches(entry.labels)) &&
    matchesFields(fields, (field) => fieldOf(resource, entry, field))
}

/** Name and namespace are in the key; everything else lies beside the entry. */
function fieldOf(resource: Resource, entry: Entry, field: string): string | undefined {
  if (field === 'metadata.name') return entry.key.slice(entry.key.lastIndexOf('/') + 1)
  if (field === 'metadata.namespace') {
    const place = entry.key.slice(resource.prefix.length)
    return resource.isNamespaced ? place.slice(0, place.indexOf('/')) : ''
  }
  return resource.fieldOf(entry, field)
}

function indexable(fields: FieldSelector, resource: Resource): Selection['match'] {
  // Which fields of custom resources lie beside an entry depends on when it was written.
  if (resource.isCustom) return undefined
  const found = fields.find(
    ({ field, operator }) => operator === '=' && !field.startsWith('metadata.'),
  )
  return found && { field: found.field, value: found.value }
}
