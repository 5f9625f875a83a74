/** Rules about access reviews: what they ask must make sense before an authorizer is asked. */
import { isLabelKey, isLabelValue } from '../names.ts'
import type {
  ResourceAttributes,
  SubjectAccessReviewSpec,
} from '../parts/authorization/access-review.ts'
import type { ObjectMeta } from '../parts/meta/object-meta.ts'
import type { Path, Problems } from '../problems.ts'

type Attributes = Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>

/** A review asks about one of the two kinds of attributes. */
export function validateAttributes(spec: Attributes, at: Path, problems: Problems): void {
  const { resourceAttributes, nonResourceAttributes } = spec
  const path = at.child('resourceAttributes')
  if (resourceAttributes && nonResourceAttributes) {
    const message = 'cannot be specified in combination with resourceAttributes'
    problems.invalid(at.child('nonResourceAttributes'), nonResourceAttributes, message)
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    const which = 'exactly one of nonResourceAttributes or resourceAttributes'
    // The text, not a bare null, is what Go prints for a pointer that is not set.
    problems.invalid(path, 'null', `${which} must be specified`)
  }
}

export function validateSubject(
  { user, groups }: SubjectAccessReviewSpec,
  at: Path,
  problems: Problems,
): void {
  if (!user && !groups?.length) {
    const message = 'at least one of user or group must be specified'
    problems.invalid(at.child('user'), user ?? '', message)
  }
}

export function validateSelectors(
  attributes: ResourceAttributes | undefined,
  at: Path,
  problems: Problems,
): void {
  if (!attributes) return
  const path = at.child('resourceAttributes')
  const { fieldSelector, labelSelector } = attributes
  if (fieldSelector) {
    validateSelector(fieldSelector, path.child('fieldSelector'), problems, ({ key }, where) => {
      if (!key) problems.required(where.child('key'), 'must be specified')
    })
  }
  if (labelSelector) {
    validateSelector(labelSelector, path.child('labelSelector'), problems, (each, where) => {
      for (const message of isLabelKey(each.key)) {
        problems.invalid(where.child('key'), each.key, message)
      }
      for (const [position, value] of each.values?.entries() ?? []) {
        for (const message of isLabelValue(value)) {
          problems.invalid(where.child('values').index(position), value, message)
        }
      }
    })
  }
}

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

interface Selector {
  readonly rawSelector?: string
  readonly requirements?: readonly Requirement[]
}

/** Operators that are not known here pass: a newer client may know them, and authorizers decide. */
function validateSelector(
  { rawSelector, requirements }: Selector,
  at: Path,
  problems: Problems,
  validateTexts: (requirement: Requirement, at: Path) => void,
): void {
  if (rawSelector && requirements?.length) {
    const message = 'may not specified at the same time as requirements'
    problems.invalid(at.child('rawSelector'), rawSelector, message)
  }
  if (!rawSelector && !requirements?.length) {
    const message = `when ${at} is specified, requirements or rawSelector is required`
    problems.required(at.child('requirements'), message)
  }
  for (const [position, each] of requirements?.entries() ?? []) {
    const path = at.child('requirements').index(position)
    validateTexts(each, path)
    validateOperands(each, path.child('values'), problems)
  }
}

function validateOperands({ operator, values }: Requirement, at: Path, problems: Problems): void {
  if ((operator === 'In' || operator === 'NotIn') && !values?.length) {
    problems.required(at, "must be specified when `operator` is 'In' or 'NotIn'")
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values?.length) {
    problems.forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
  }
}

/** Reviews are questions, not objects: whatever metadata says would be lost. */
export function validateNoMetadata(
  metadata: ObjectMeta,
  at: Path,
  problems: Problems,
  detail: string,
  { except = '' } = {},
): void {
  const given = Object.entries(metadata).some(
    ([name, value]) => name !== 'managedFields' && name !== except && !isEmpty(value),
  )
  if (given) problems.invalid(at.child('metadata'), metadata, detail)
}

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''
