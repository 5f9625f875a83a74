/** Rules about what a CustomResourceDefinition calls its kind, and about protected groups. */
import { isDns1035Label } from '../names.ts'
import type { Path, Problems } from '../problems.ts'

interface Names {
  readonly plural: string
  readonly singular?: string
  readonly shortNames?: readonly string[] | null
  readonly kind: string
  readonly listKind?: string
  readonly categories?: readonly string[] | null
}

/** Names are required of a spec and not of a status, where none may have been accepted yet. */
export function validateNamesGiven(names: Names, at: Path, problems: Problems): void {
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!names[field]) problems.required(at.child(field))
  }
}

export function validateNames(names: Names, at: Path, problems: Problems): void {
  const { kind, listKind } = names
  for (const field of ['plural', 'singular'] as const) {
    validateLabel(names[field], at.child(field), problems)
  }
  for (const field of ['kind', 'listKind'] as const) {
    const name = names[field]
    const messages = name ? isDns1035Label(name.toLowerCase()) : []
    if (messages.length) {
      const message = `may have mixed case, but should otherwise match: ${messages.join(',')}`
      problems.invalid(at.child(field), name, message)
    }
  }
  for (const [position, each] of names.shortNames?.entries() ?? []) {
    validateEachLabel(each, at.child('shortNames').index(position), problems)
  }
  if (kind && kind === listKind) {
    problems.invalid(at.child('listKind'), listKind, 'kind and listKind may not be the same')
  }
  for (const [position, each] of names.categories?.entries() ?? []) {
    validateEachLabel(each, at.child('categories').index(position), problems)
  }
}

function validateLabel(name: string | undefined, at: Path, problems: Problems): void {
  if (name) validateEachLabel(name, at, problems)
}

function validateEachLabel(name: string, at: Path, problems: Problems): void {
  const messages = isDns1035Label(name)
  if (messages.length) problems.invalid(at, name, messages.join(','))
}

export const APPROVED_ANNOTATION = 'api-approved.kubernetes.io'
export const enhancement = 'see https://github.com/kubernetes/enhancements/pull/1111'

type Approval = 'missing' | 'bypassed' | 'approved' | 'invalid'

/** Groups of the Kubernetes community are for kinds that it has approved. */
export function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group)
}

export function approvalOf(annotations: Readonly<Record<string, string>> | undefined): Approval {
  const text = annotations?.[APPROVED_ANNOTATION]
  if (!text) return 'missing'
  if (text.startsWith('unapproved')) return 'bypassed'
  const url = URL.parse(text)
  return url?.host && url.protocol ? 'approved' : 'invalid'
}

export function validateApproval(
  annotations: Readonly<Record<string, string>> | undefined,
  at: Path,
  problems: Problems,
): void {
  const path = at.child('annotations').key(APPROVED_ANNOTATION)
  const must = `protected groups must have approval annotation ${JSON.stringify(APPROVED_ANNOTATION)}`
  switch (approvalOf(annotations)) {
    case 'missing':
      problems.required(path, `${must}, ${enhancement}`)
      break
    case 'invalid': {
      const form = 'with either a URL or a reason starting with "unapproved"'
      problems.invalid(path, annotations?.[APPROVED_ANNOTATION], `${must} ${form}, ${enhancement}`)
      break
    }
    default:
  }
}
