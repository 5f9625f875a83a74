/** JSON merge patch (RFC 7386): maps merge, null removes, everything else replaces. */
import { setOwn } from '../set-own.ts'
import { badRequest } from '../status.ts'

type Json = Record<string, unknown>

const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const invalidMergePatch = () => badRequest('Invalid JSON Patch')

/** Changes `document`, and shares nothing with `patch`. A patch that is a list takes its place. */
export function applyMergePatch(document: object, patch: unknown): unknown {
  if (Array.isArray(patch)) return pruned(patch)
  if (!isMap(patch)) throw invalidMergePatch()
  return merged(document as Json, patch)
}

function merged(document: Json, patch: Json): Json {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      delete document[name]
      continue
    }
    const present = Object.hasOwn(document, name) ? document[name] : undefined
    const next = isMap(present) && isMap(value) ? merged(present, value) : pruned(value)
    setOwn(document, name, next)
  }
  return document
}

/** A copy without the nulls of its maps: there is nothing that they could remove. */
function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned)
  if (!isMap(value)) return value
  const copy: Json = {}
  for (const [name, child] of Object.entries(value)) {
    if (child !== null) setOwn(copy, name, pruned(child))
  }
  return copy
}
