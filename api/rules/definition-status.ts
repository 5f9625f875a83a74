/** What becomes of a CustomResourceDefinition: its names, and conditions that tell its state. */
import { withCondition } from '../conditions.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from '../kinds/apiextensions/custom-resource-definition.ts'
import {
  APPROVED_ANNOTATION,
  approvalOf,
  enhancement,
  isProtectedGroup,
} from './definition-names.ts'

type Definition = Pick<CustomResourceDefinition, 'metadata' | 'spec' | 'status'>
type Status = CustomResourceDefinition['status']
type Condition = CustomResourceDefinitionCondition

/** Holds a definition until all objects of its kind are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io'

const conditionOf = ({ status }: Pick<Definition, 'status'>, type: Condition['type']) =>
  status.conditions?.find((each) => each.type === type)

export const isTrue = (definition: Pick<Definition, 'status'>, type: Condition['type']): boolean =>
  conditionOf(definition, type)?.status === 'True'

const condition = (
  type: Condition['type'],
  status: Condition['status'],
  reason: string,
  message: string,
): Condition => ({ type, status, reason, message, lastTransitionTime: null })

const quoted = (text: string): string => JSON.stringify(text)

/** Names that the other definitions of a group have. */
export interface TakenNames {
  /** Plural, singular and short ones, which share one space. */
  readonly resources: ReadonlySet<string>
  readonly kinds: ReadonlySet<string>
}

/**
 * The status that a definition should have. Whoever comes first has a name; what is wanted in vain
 * is reported, and the names that were accepted before stay in use.
 */
export function negotiatedStatus(definition: Definition, taken: TakenNames, now: string): Status {
  const { acceptedNames, accepted } = negotiatedNames(definition, taken)
  const conditions = [accepted, establishedCondition(definition, accepted), approval(definition)]
  return {
    ...definition.status,
    acceptedNames,
    conditions: conditions
      .filter((each) => each !== undefined)
      .reduce<readonly Condition[]>(
        (all, each) => withCondition(all, each, now),
        definition.status.conditions ?? [],
      ) as Condition[],
  }
}

function negotiatedNames({ spec, status }: Definition, taken: TakenNames) {
  const wanted = spec.names
  const before = status.acceptedNames
  const acceptedNames: CustomResourceDefinitionNames = { ...before }
  let refusal: { readonly reason: string; readonly message: string } | undefined
  const settle = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    reason: string,
    used: ReadonlySet<string>,
  ): void => {
    const name = wanted[field]
    if (name === undefined) return
    if (name !== before[field] && used.has(name)) refusal = { reason, message: inUse(name) }
    else acceptedNames[field] = name
  }
  settle('plural', 'PluralConflict', taken.resources)
  settle('singular', 'SingularConflict', taken.resources)
  const clashes = (wanted.shortNames ?? []).filter(
    (name) => !before.shortNames?.includes(name) && taken.resources.has(name),
  )
  if (clashes.length) {
    refusal = { reason: 'ShortNamesConflict', message: together(clashes.map(inUse)) }
  } else setList(acceptedNames, 'shortNames', wanted.shortNames)
  settle('kind', 'KindConflict', taken.kinds)
  settle('listKind', 'ListKindConflict', taken.kinds)
  setList(acceptedNames, 'categories', wanted.categories)
  const accepted = refusal
    ? condition('NamesAccepted', 'False', refusal.reason, refusal.message)
    : condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found')
  return { acceptedNames, accepted }
}

function setList(
  names: CustomResourceDefinitionNames,
  field: 'shortNames' | 'categories',
  list: CustomResourceDefinitionNames['shortNames'],
): void {
  if (list?.length) names[field] = list
  else delete names[field]
}

const inUse = (name: string): string => `${quoted(name)} is already in use`

/** Several errors as one. */
const together = (messages: readonly string[]): string =>
  messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`

/** What was established once stays so, whatever becomes of later wishes for other names. */
function establishedCondition(definition: Definition, accepted: Condition): Condition {
  const before = conditionOf(definition, 'Established')
  if (before?.status === 'True') return before
  if (accepted.status === 'True') {
    const message = 'the initial names have been accepted'
    return condition('Established', 'True', 'InitialNamesAccepted', message)
  }
  return before ?? condition('Established', 'False', 'NotAccepted', 'not all names are accepted')
}

/** Groups of the community carry a link to where their kinds were approved. */
function approval({ metadata, spec }: Definition): Condition | undefined {
  if (!isProtectedGroup(spec.group)) return undefined
  const type = 'KubernetesAPIApprovalPolicyConformant'
  const annotations = metadata.annotations ?? undefined
  const text = annotations?.[APPROVED_ANNOTATION] ?? ''
  const must = `protected groups must have approval annotation ${quoted(APPROVED_ANNOTATION)}`
  const form = 'with either a URL or a reason starting with "unapproved"'
  switch (approvalOf(annotations)) {
    case 'approved':
      return condition(type, 'True', 'ApprovedAnnotation', `approved in ${text}`)
    case 'bypassed':
      return condition(type, 'False', 'UnapprovedAnnotation', `not approved: ${quoted(text)}`)
    case 'invalid':
      return condition(type, 'False', 'InvalidAnnotation', `${must} ${form}, ${enhancement}`)
    default:
      return condition(type, 'False', 'MissingAnnotation', `${must}, ${enhancement}`)
  }
}

/** Marks a definition as going, in place; it stays until its objects are gone. */
export function beginDeletion(definition: Definition, now: string): void {
  const { metadata } = definition
  metadata.deletionTimestamp = now
  const finalizers = metadata.finalizers ?? []
  if (!finalizers.includes(CLEANUP_FINALIZER)) {
    metadata.finalizers = [...finalizers, CLEANUP_FINALIZER]
  }
  const message =
    'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon'
  setTerminating(definition, 'True', 'InstanceDeletionPending', message, now)
}

export function setTerminating(
  definition: Definition,
  status: 'True' | 'False',
  reason: string,
  message: string,
  now: string,
): void {
  const next = condition('Terminating', status, reason, message)
  const conditions = withCondition(definition.status.conditions ?? [], next, now)
  definition.status = { ...definition.status, conditions: conditions as Condition[] }
}
