/** All rules about one object: those of its metadata, its schema and its kind. */
import type { Kind } from './kind.ts'
import type { ObjectMeta } from './parts/meta/object-meta.ts'
import { Path, type Problem, Problems } from './problems.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './rules/object-meta.ts'
import { validate } from './validate.ts'
import { validateUpdate } from './validate-update.ts'

interface WithMeta {
  readonly metadata: ObjectMeta
}

const metadataPath = Path.root.child('metadata')

/** What is wrong with an object that is to be created, in upstream's order. */
export function problemsOfNew(kind: Kind, object: object): readonly Problem[] {
  const problems = new Problems()
  const { metadata } = object as WithMeta
  if (metadata) validateObjectMeta(metadata, metaRulesOf(kind), problems)
  validate(kind.schema, object, problems)
  kind.validateCreate?.(object, problems)
  return problems.list
}

/** Rules of a change, in place of those of the kind. */
export type ChangeRules = (next: object, previous: object, problems: Problems) => void

/** What is wrong with a change of an object, in upstream's order. */
export function problemsOfChange(
  kind: Kind,
  next: object,
  previous: object,
  rules: ChangeRules = rulesOf(kind),
): readonly Problem[] {
  const problems = new Problems()
  const [after, before] = [next as WithMeta, previous as WithMeta]
  if (after.metadata) {
    validateObjectMeta(after.metadata, metaRulesOf(kind), problems)
    validateObjectMetaUpdate(after.metadata, before.metadata, metadataPath, problems)
  }
  rules(next, previous, problems)
  return problems.list
}

const rulesOf =
  ({ schema }: Kind): ChangeRules =>
  (next, previous, problems) => {
    validate(schema, next, problems)
    validateUpdate(schema, next, previous, problems)
  }

function metaRulesOf({ scope, nameRule }: Kind) {
  return { namespaced: scope === 'Namespaced', at: metadataPath, ...(nameRule && { nameRule }) }
}
