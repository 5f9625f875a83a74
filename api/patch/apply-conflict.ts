/** The answer to an apply that would take fields from other managers. */
import { applyConflict, type Cause, type StatusError } from '../status.ts'
import { elementsOf, type FieldSet, type Fields, isMember } from './field-set.ts'
import { compareTexts, type Manager, type Managers } from './managers.ts'
import { printedElement } from './path-element.ts'

export interface Conflict {
  /** Identity of the manager that owns the fields. */
  readonly identity: string
  readonly fields: FieldSet
}

export function conflictError(conflicts: readonly Conflict[], managers: Managers): StatusError {
  const sorted = conflicts.toSorted((a, b) => compareTexts(a.identity, b.identity))
  const found = sorted.map(({ identity, fields }) => ({
    owner: printedManager(managers.get(identity) as Manager),
    paths: printedPaths(fields),
  }))
  const causes = found.flatMap(({ owner, paths }): Cause[] =>
    paths.map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${owner}`,
      field,
    })),
  )
  return applyConflict(messageOf(found, causes.length), causes)
}

interface Found {
  readonly owner: string
  readonly paths: readonly string[]
}

function messageOf(found: readonly Found[], count: number): string {
  if (count === 1) {
    const [{ owner, paths }] = found as [Found]
    return `Apply failed with 1 conflict: conflict with ${owner}: ${paths[0]}`
  }
  const lines = found.flatMap(({ owner, paths }) => [
    `conflicts with ${owner}:`,
    ...paths.map((path) => `- ${path}`),
  ])
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`
}

function printedManager({ manager, subresource, operation, apiVersion }: Manager): string {
  const name = JSON.stringify(manager)
  const where = subresource ? `${name} with subresource ${JSON.stringify(subresource)}` : name
  return operation === 'Update' ? `${where} using ${apiVersion}` : where
}

/** Members of one level before what lies below, as upstream walks a set. */
function printedPaths(fields: Fields, prefix = ''): string[] {
  const steps = elementsOf(fields).map((element) => ({
    path: prefix + printedElement(element),
    below: fields?.[element],
  }))
  return [
    ...steps.filter(({ below }) => isMember(below)).map(({ path }) => path),
    ...steps.flatMap(({ path, below }) => printedPaths(below, path)),
  ]
}
