/** Stored objects that streams need to know: pods, nodes, Services and what is behind them. */
import assert from 'node:assert'
import { notFound } from '#api/status.ts'
import type { ServerParts } from '../request-context.ts'
import type { Resource } from '../resources.ts'

export function resourceNamed(parts: ServerParts, group: string, plural: string): Resource {
  const resource = parts.resources.find(group, 'v1', plural)
  assert(resource, `${plural} are built in`)
  return resource
}

/** The caller names the type that belongs to the plural. */
export function storedObject<T>(
  parts: ServerParts,
  plural: string,
  namespace: string,
  name: string,
): T {
  const resource = resourceNamed(parts, '', plural)
  const entry = parts.store.get(resource.keyOf(namespace, name))
  if (!entry) throw notFound(resource, name)
  return resource.parse(entry) as T
}
