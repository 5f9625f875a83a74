/** Metadata of templates that keep nothing but labels and annotations. */
import { validateLabels } from '../label-selector.ts'
import type { ObjectMeta } from '../parts/meta/object-meta.ts'
import type { Path, Problems } from '../problems.ts'
import { validateAnnotations } from './object-meta.ts'

/** In upstream's order and, odd as one is, upstream's spelling. */
const otherFields: readonly (readonly [keyof ObjectMeta, string])[] = [
  ['name', 'name'],
  ['generateName', 'generateName'],
  ['namespace', 'namespace'],
  ['selfLink', 'selfLink'],
  ['uid', 'uID'],
  ['resourceVersion', 'resourceVersion'],
  ['generation', 'generation'],
  ['creationTimestamp', 'creationTimestamp'],
  ['deletionTimestamp', 'deletionTimestamp'],
  ['deletionGracePeriodSeconds', 'deletionGracePeriodSeconds'],
  ['ownerReferences', 'ownerReferences'],
  ['finalizers', 'finalizers'],
  ['managedFields', 'managedFields'],
]

export function checkTemplateMeta(
  metadata: Partial<ObjectMeta>,
  at: Path,
  problems: Problems,
): void {
  validateAnnotations(metadata.annotations, at.child('annotations'), problems)
  validateLabels(metadata.labels, at.child('labels'), problems)
  for (const [name, shown] of otherFields) {
    const value = metadata[name]
    if (value !== undefined && value !== null) problems.forbidden(at.child(shown), 'cannot be set')
  }
}
