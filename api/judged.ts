/** What the rules say about objects as callers write them; tests of rules are tables of this. */
import { problemsOfChange, problemsOfNew } from './check.ts'
import { decode } from './decode.ts'
import { applyDefaults } from './defaults.ts'
import { forgetEmptyLists } from './empty-lists.ts'
import type { Kind } from './kind.ts'
import type { Problem } from './problems.ts'
import type { Schema } from './schema.ts'

const metadata = { name: 'a', uid: 'u', resourceVersion: '1' }

/** The object as it is stored: decoded, prepared and with its defaults. */
export function posted<S extends object>(kind: Kind<S>, object: object): S {
  const namespace = kind.scope === 'Namespaced' ? { namespace: 'n' } : {}
  const given = (object as { metadata?: object }).metadata
  const whole = { ...object, metadata: { ...metadata, ...namespace, ...given } }
  const schema = kind.schema as Schema<S>
  const stored = applyDefaults(schema, decode(schema, whole) as S)
  forgetEmptyLists(schema, stored)
  return stored
}

/** The problems of a new object, each as one line. */
export function judged(kind: Kind, object: object): string[] {
  const whole = posted(kind, object)
  kind.prepareCreate?.(whole)
  return problemsOfNew(kind, whole).map(line)
}

/** The problems of a change, each as one line. */
export function judgedChange(kind: Kind, before: object, after: object): string[] {
  const [previous, next] = [posted(kind, before), posted(kind, after)]
  return problemsOfChange(kind, next, previous).map(line)
}

const line = ({ field, message }: Problem): string => `${field}: ${message}`
