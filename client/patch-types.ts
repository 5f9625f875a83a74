/** The kinds of patches, and what requests call them. */
import type { WriteOptions } from './rest.ts'

export const patchMediaTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

export interface PatchOptions extends WriteOptions {
  /** A merge patch unless given. */
  readonly type?: 'json' | 'merge' | 'strategic'
  readonly subresource?: string
}
