/**
 * Kinds that are questions: they are created, answered at once and never stored. Each is one file
 * in `virtual/`; this is the list.
 */
import { qualified } from '#api/status.ts'
import type { Handler } from './dispatch.ts'
import type { Resource } from './resources.ts'
import { reviewSelf } from './virtual/self-subject-reviews.ts'

/** By plural and group. */
const answers: Readonly<Record<string, Handler>> = {
  'selfsubjectreviews.authentication.k8s.io': reviewSelf,
}

export const virtualAnswer = (resource: Resource): Handler | undefined =>
  answers[qualified(resource)]
